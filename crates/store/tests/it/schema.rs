//! `schema.rs` says what the database has.

use std::collections::BTreeMap;

use crate::fixture::Fixture;

#[tokio::test]
async fn the_tables_in_rust_are_those_of_the_database() {
    let fixture = Fixture::new().await;
    let columns = fixture
        .lines(
            "select table_name || '|' || column_name || '|' || case data_type
                 when 'bigint' then 'Int8' when 'integer' then 'Int4' when 'text' then 'Text' when 'bytea' then 'Bytea'
                 when 'boolean' then 'Bool' when 'jsonb' then 'Jsonb' when 'uuid' then 'Uuid'
                 when 'double precision' then 'Float8' when 'timestamp with time zone' then 'Timestamptz'
                 when 'ARRAY' then 'Array<Text>' when 'tsvector' then 'Tsvector' else data_type end || '|' || is_nullable
             from information_schema.columns
             where table_schema = 'public' and table_name <> '__diesel_schema_migrations'
                 and table_name not in (select v.table_name from information_schema.views v)
             order by table_name, ordinal_position",
        )
        .await;
    let mut tables: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in columns {
        let fields: Vec<_> = line.trim_matches(['(', ')', '"']).split('|').map(str::to_owned).collect();
        let [table, column, kind, nullable] = fields.try_into().unwrap();
        let column = if column == "type" { "type_".to_owned() } else { column };
        let kind = if nullable == "YES" { format!("Nullable<{kind}>") } else { kind };
        tables.entry(table).or_default().push(format!("{column} -> {kind}"));
    }

    let mut written: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut table = String::new();
    for line in include_str!("../../src/schema.rs").lines().map(str::trim) {
        if let Some((name, _)) = line.split_once(" (").filter(|_| line.ends_with('{')) {
            table = name.to_owned();
        } else if let Some(column) = line.strip_suffix(',').filter(|line| line.contains(" -> ")) {
            written.entry(table.clone()).or_default().push(column.to_owned());
        }
    }
    assert_eq!(written, tables);
}
