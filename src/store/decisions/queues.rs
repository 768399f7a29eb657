//! Named queues beside the entries. Unlike these they may be changed and forgotten.

use rusqlite::params;

use crate::model::review::KeptQueue;

use super::{Journal, JournalError, schema};

impl Journal {
    /// Named queues, by name.
    pub fn queues(&self) -> Result<Vec<KeptQueue>, JournalError> {
        let fail = |error| JournalError::of("read", &self.path, &error);
        if self.read_only && schema::known(&self.connection, &self.path)? < 2 {
            // An older file that cannot be brought up to date has none.
            return Ok(Vec::new());
        }
        let mut statement = self.connection.prepare_cached("SELECT name, queue FROM queues ORDER BY name").map_err(fail)?;
        let rows = statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))).map_err(fail)?;
        rows.map(|row| {
            let (name, text) = row.map_err(fail)?;
            serde_json::from_str(&text).map_err(|error| JournalError::Damaged {
                fact: format!("the queue “{name}” cannot be understood: {error}"),
                path: self.path.clone(),
            })
        })
        .collect()
    }

    /// Keeps a queue under its name; one of the same name is replaced.
    pub fn keep_queue(&mut self, queue: &KeptQueue) -> Result<(), JournalError> {
        self.write(|transaction| {
            let text = serde_json::to_string(queue).map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
            transaction
                .prepare_cached("INSERT OR REPLACE INTO queues (name, made, queue) VALUES (?1, ?2, ?3)")?
                .execute(params![queue.name, format!("{:.3}", queue.made), text])?;
            Ok(())
        })
    }

    /// Forgets a queue; what was decided stays.
    pub fn forget_queue(&mut self, name: &str) -> Result<(), JournalError> {
        self.write(|transaction| {
            transaction.prepare_cached("DELETE FROM queues WHERE name = ?1")?.execute([name])?;
            Ok(())
        })
    }
}
