"""What a brief says of itself: the decision that it informs, and what it cannot tell."""

from __future__ import annotations

from commissioning.site.charts.figures import Output, query


def decides(brief: str) -> Output:
    """One line under a brief's finding. Raises `ValueError` for a brief without a place."""
    rows = query(f"""
        select informs, cannot_inform from dim_placement
        where item_kind = 'brief' and item = '{brief}' order by item
    """).rows.to_dicts()
    if not rows:
        raise ValueError(f"dbt/seeds/placements.csv has no brief {brief!r}")
    said = rows[0]
    return Output(
        f"**For which decision?** This brief informs {said['informs']}. "
        f"It cannot tell {said['cannot_inform']}.\n"
    )
