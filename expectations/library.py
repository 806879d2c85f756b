"""Great Expectations as the gate wants it: nothing sent, nothing said.

It takes seconds to import, so it is imported only to run, and once for all processes that share the work.
"""

import logging
import os
import sys
import warnings

os.environ["GX_ANALYTICS_ENABLED"] = "False"
logging.getLogger("great_expectations").setLevel(logging.CRITICAL)
# Some of its modules set a level of their own, and dbt leaves a handler on the root logger.
logging.getLogger("great_expectations").propagate = False
# It looks for pyspark, whose light client (the extra [spark]) ends a process that has no Java's Spark.
unwanted = "pyspark" not in sys.modules
if unwanted:
    sys.modules["pyspark"] = None
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import great_expectations as great_expectations
    from great_expectations.expectations.registry import get_expectation_impl as get_expectation_impl
if unwanted:
    del sys.modules["pyspark"]
