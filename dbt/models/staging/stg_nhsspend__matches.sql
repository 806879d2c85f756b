-- Names of NHS payees that people found in the register of charities. What the audit calls tentative, one of several
-- options, several suppliers under one name, or a match for some dates only is left out.
select edition, name as supplier, value_text as charity_number, measure as audit
from {{ source('raw', 'nhsspend') }}
where record = 'match' and not regexp_matches(measure, 'tentative|match options|multi-supplier|date-dependent')
