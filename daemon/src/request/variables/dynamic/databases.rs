//! Databases: columns, types, engines.

use super::Variable;

pub(super) const ALL: &[Variable] = &[
    Variable("$randomDatabaseColumn", |d| d.word(COLUMNS)),
    Variable("$randomDatabaseType", |d| d.word(TYPES)),
    Variable("$randomDatabaseCollation", |d| d.word(COLLATIONS)),
    Variable("$randomDatabaseEngine", |d| d.word(&["InnoDB", "MyISAM", "Memory", "CSV", "Blackhole", "Archive"])),
];

const COLUMNS: &[&str] = &[
    "id",
    "title",
    "name",
    "email",
    "phone",
    "token",
    "group",
    "category",
    "password",
    "comment",
    "avatar",
    "status",
    "createdAt",
    "updatedAt",
];

const TYPES: &[&str] = &[
    "int",
    "varchar",
    "text",
    "date",
    "datetime",
    "tinyint",
    "time",
    "timestamp",
    "smallint",
    "mediumint",
    "bigint",
    "decimal",
    "float",
    "double",
    "real",
    "bit",
    "boolean",
    "serial",
    "blob",
    "binary",
    "enum",
    "set",
    "geometry",
    "point",
];

const COLLATIONS: &[&str] = &[
    "utf8_unicode_ci",
    "utf8_general_ci",
    "utf8_bin",
    "utf8mb4_bin",
    "ascii_bin",
    "ascii_general_ci",
    "cp1250_bin",
    "cp1250_general_ci",
];
