//! What is stored of what is sent.

use super::{Engine, blocking};
use crate::capture::Target;
use serde_json::Value;
use std::sync::Arc;
use waylay_storage::{Store, StoreError};

/// The setting: whether the bodies of responses are stored.
pub(crate) const SAVE_RESPONSES: &str = "history.save_responses";

/// Whether the bodies of responses to what is sent are stored; they are unless told otherwise.
pub(super) fn responses_are_saved(store: &Store) -> Result<bool, StoreError> {
    Ok(store.setting(SAVE_RESPONSES)?.as_ref().and_then(Value::as_bool).unwrap_or(true))
}

impl Engine {
    /// Whether the bodies of responses to what is sent are stored.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub async fn saves_responses(&self) -> Result<bool, StoreError> {
        let store = Arc::clone(&self.store);
        blocking(move || responses_are_saved(&store)).await
    }

    /// Has the bodies of responses to what is sent from now on stored, or not. Heads are in any case.
    ///
    /// # Errors
    /// If the store cannot be written; then all is as it was.
    pub async fn save_responses(&self, save: bool) -> Result<(), StoreError> {
        let store = Arc::clone(&self.store);
        blocking(move || store.set_setting(SAVE_RESPONSES, &Value::Bool(save))).await?;
        self.agent.asker.recording.set(Some(Target::sent(save)));
        Ok(())
    }
}
