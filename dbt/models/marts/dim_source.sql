-- Editions of every dataset, held or declared, with licence, hashes and known problems.
select
    source_id, dataset, dataset_title, edition, edition_name, status, title, publisher, publication_page, direct_address, licence, licence_status,
    provenance, provenance_note, unit, published, retrieved, review_by, known_problems, comparability_breaks,
    why_not_held, files, originals_sha256, raw_rows, raw_sha256
from {{ ref('stg_catalogue') }}
