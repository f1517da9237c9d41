//! Taking out what is deleted.

use super::{columns::Facet, file::File};
use crate::StoreError;
use rusqlite::params;

/// Takes exchanges out of the index. What is not there is no error.
pub(super) fn forget(index: &mut File, seqs: &[i64]) -> Result<(), StoreError> {
    let tx = index.db.transaction()?;
    {
        let facets =
            [(Facet::Method, "method"), (Facet::Host, "host"), (Facet::Type, "type"), (Facet::Status, "status")];
        for seq in seqs {
            for (facet, column) in facets {
                let sql = format!(
                    "UPDATE tally SET exchanges = exchanges - 1, bytes = tally.bytes - e.bytes, \
                     failures = failures - e.failed FROM entry AS e \
                     WHERE e.seq = ?1 AND tally.session = e.session AND tally.facet = ?2 AND tally.value = e.{column}"
                );
                tx.prepare_cached(&sql)?.execute(params![seq, facet as i64])?;
            }
            for table in ["url_trigrams", "head_words", "body_words"] {
                tx.prepare_cached(&format!("DELETE FROM {table} WHERE rowid = ?1"))?.execute([seq])?;
            }
            for table in ["entry", "unread", "pending"] {
                tx.prepare_cached(&format!("DELETE FROM {table} WHERE seq = ?1"))?.execute([seq])?;
            }
        }
        tx.execute("DELETE FROM tally WHERE exchanges <= 0", [])?;
        // A word may be a secret: a host that only deleted exchanges had, or the name of a cookie.
        let unused = "DELETE FROM word WHERE (facet <= 4 AND (facet, id) NOT IN (SELECT facet, value FROM tally))
              OR (facet = 5 AND NOT EXISTS (SELECT 1 FROM entry WHERE target = word.id))
              OR (facet = 6 AND NOT EXISTS (SELECT 1 FROM entry WHERE reason = word.id AND reason > 0))";
        tx.execute(unused, [])?;
        let unused = "DELETE FROM names WHERE (kind = 1 AND NOT EXISTS (SELECT 1 FROM entry WHERE fields = names.id))
              OR (kind = 2 AND NOT EXISTS (SELECT 1 FROM entry WHERE cookies = names.id))";
        tx.execute(unused, [])?;
    }
    tx.commit()?;
    Ok(())
}

/// Lets no byte remain of what was taken out: not in the full-text tables, which only mark what is deleted, not in free
/// pages, not in the log.
pub(super) fn compact(index: &mut File) -> Result<(), StoreError> {
    for table in ["url_trigrams", "head_words", "body_words"] {
        index.db.execute(&format!("INSERT INTO {table} ({table}) VALUES ('optimize')"), [])?;
    }
    index.db.execute_batch("VACUUM")?;
    index.db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    Ok(())
}
