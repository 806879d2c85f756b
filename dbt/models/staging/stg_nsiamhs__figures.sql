-- Transcribed figures on investment in mental health services, money in pounds and shares as fractions.
with figures as (
    select
        edition,
        replace(year, '/', '-') as year_as_given,
        publication,
        measure,
        category,
        kind,
        source_url,
        source_place,
        unit,
        value,
        value_text,
        source_file,
        source_locator
    from {{ source('raw', 'nsiamhs') }}
)

select
    *,
    case unit
        when 'GBP m' then value * 1e6
        when 'GBP bn' then value * 1e9
        when 'GBP m (almost)' then value * 1e6
        when 'GBP m (at least)' then value * 1e6
        when 'GBP' then value
    end as amount_cash_gbp,
    case when unit in ('per cent', 'about per cent') then value / 100 end as share
from figures
