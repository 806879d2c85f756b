-- NHS mental health money: areas that existed at the end of 2021-22, pounds.
select
    r.*,
    case
        when "table" = 'national totals' and category like 'NHSE Specialised%' then 'specialised commissioning'
        when "table" = 'national totals' and category like 'Total NHS%' then 'all NHS spend'
        when "table" = 'total spend' then 'all CCG spend'
        else "table"
    end as part,
    case when measure like 'planned %' then 'planned' else 'actual' end as stage,
    r.value * case unit when 'GBP million' then 1e6 else 1 end as amount
from raw.nhse_mh_dashboard as r
where
    coalesce(successor_code, '') = '' and regexp_matches(measure, '^(planned )?(reported )?spend$')
    and not ("table" = 'national totals' and category like 'Local CCG%')
