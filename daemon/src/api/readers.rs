//! Readers of the store, shared by all calls: a few, on threads where they may block.

use super::error::ApiError;
use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use waylay_storage::{Reader, StoreError};

/// Queries that run at once. The others wait, and neither the proxy nor other users of blocking threads notice.
const AT_ONCE: usize = 4;
/// How long a query waits for its turn.
const PATIENCE: Duration = Duration::from_secs(20);

/// A pool of readers.
pub(crate) struct Readers {
    dir: PathBuf,
    idle: Arc<Mutex<Vec<Reader>>>,
    turns: Arc<Semaphore>,
}

impl Readers {
    pub(crate) fn new(dir: &Path) -> Self {
        Self { dir: dir.to_owned(), idle: Arc::default(), turns: Arc::new(Semaphore::new(AT_ONCE)) }
    }

    /// Runs `f` with a reader once it is its turn.
    ///
    /// # Errors
    /// What `f` returns; 503 if its turn did not come.
    pub(crate) async fn with<T, E>(
        &self,
        f: impl FnOnce(&Reader) -> Result<T, E> + Send + 'static,
    ) -> Result<T, ApiError>
    where
        T: Send + 'static,
        E: Into<ApiError> + Send + 'static,
    {
        let turn = self.turn().await?;
        let (dir, idle) = (self.dir.clone(), Arc::clone(&self.idle));
        let job = move || -> Result<T, ApiError> {
            let _turn = turn;
            let kept = idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            // A database that was damaged may have been set aside since.
            let reader = match kept.filter(Reader::is_current) {
                Some(reader) => reader,
                None => Reader::open(&dir).map_err(|e: StoreError| ApiError::from(e))?,
            };
            let result = f(&reader);
            idle.lock().unwrap_or_else(PoisonError::into_inner).push(reader);
            result.map_err(Into::into)
        };
        match tokio::task::spawn_blocking(job).await {
            Ok(result) => result,
            // A panic; the reader it used is gone with it.
            Err(e) => Err(ApiError::internal(format!("a query broke off: {e}"))),
        }
    }

    async fn turn(&self) -> Result<OwnedSemaphorePermit, ApiError> {
        match tokio::time::timeout(PATIENCE, Arc::clone(&self.turns).acquire_owned()).await {
            Ok(Ok(turn)) => Ok(turn),
            // The semaphore is never closed.
            Ok(Err(_)) | Err(_) => Err(ApiError::busy("the query", PATIENCE)),
        }
    }
}
