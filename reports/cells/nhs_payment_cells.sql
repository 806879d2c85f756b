-- NHS commissioners' payments in London, by month and label, with what the seeds say that a label stands for.
select
    r.*, 'london' as area_id, 'payments' as part, r.value as amount,
    case when r.expense_area = '' then 'not_said' else (
        select arg_min(programme_area, priority) from seeds.nhs_programme_areas where lower(r.expense_area) like area_like
    ) end as programme_area,
    (
        select arg_min(provider_sector, priority) from seeds.nhs_provider_sectors where lower(r.expense_type) like label_like
    ) as provider_sector,
    (
        select arg_min(payment_form, priority) from seeds.nhs_payment_forms where lower(r.expense_type) like label_like
    ) as payment_form
from raw.nhs_ccg_ledger as r
