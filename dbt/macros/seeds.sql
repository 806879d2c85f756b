{#
dbt-duckdb's own macro puts the whole path of a seed into SQL as it is: an apostrophe in the checkout's path ends it, and
brackets are a file pattern. dbt runs in its own folder here (commissioning/marts/models.py), where the path is plain.
#}
{% macro duckdb__load_csv_rows(model, agate_table) %}
    {% set sql %}
        copy {{ this.render() }} from '{{ model['original_file_path'] }}' (format csv, header true)
    {% endset %}
    {% do adapter.add_query(sql, abridge_sql_log=True) %}
    {{ return(sql) }}
{% endmacro %}
