//! A request with its files: `multipart/form-data`, in which the part `request` is what is sent as JSON otherwise, and each other
//! part a file by the name the request has for it.

use super::{
    super::{Shared, error::ApiError},
    send::Asked,
};
use crate::{
    agent::Lent,
    api::{error::shown, input::json},
    data_dir::create_nameless,
    formats::multipart::{Bad, Piece, Reader},
};
use axum::{extract::Request, http::StatusCode};
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use std::{
    collections::HashMap,
    io::{self, Write},
    path::Path,
    sync::Arc,
    time::Duration,
};
use tokio::{sync::OwnedSemaphorePermit, task::spawn_blocking, time::timeout};

/// The part with the request.
const REQUEST: &str = "request";
/// Largest request without its files, bytes.
pub(super) const LONGEST: usize = 8 << 20;
/// A larger file is kept on the disk, bytes.
const IN_MEMORY: usize = 64 << 10;
/// Largest of all files of a request together, bytes.
const LARGEST: u64 = 4 << 30;
/// Most files of a request.
const FILES: usize = 100;
/// Longest name of a file, bytes.
const NAME: usize = 255;
/// How long the next piece may take.
const PIECE_TIME: Duration = Duration::from_secs(60);
/// How long to wait for others' uploads to be over.
const PATIENCE: Duration = Duration::from_secs(30);

/// What has come.
pub(super) struct Received {
    pub(super) asked: Asked,
    pub(super) files: HashMap<String, Lent>,
    /// To be held while the files are there.
    pub(super) room: OwnedSemaphorePermit,
}

/// The boundary of a content type, if it is `multipart/form-data`.
pub(super) fn boundary(content_type: &[u8]) -> Option<String> {
    let media: mime::Mime = std::str::from_utf8(content_type).ok()?.parse().ok()?;
    let boundary = media.get_param(mime::BOUNDARY).map(|b| b.as_str().to_owned());
    (media.essence_str() == "multipart/form-data").then(|| boundary.unwrap_or_default())
}

/// Reads all of it.
pub(super) async fn receive(shared: &Shared, request: Request, boundary: &str) -> Result<Received, ApiError> {
    let room = timeout(PATIENCE, Arc::clone(&shared.lending).acquire_owned()).await;
    let Ok(Ok(room)) = room else { return Err(ApiError::busy("the upload", PATIENCE)) };
    let mut reader = Reader::new(boundary)
        .ok_or_else(|| ApiError::bad_request("Content-Type has no boundary of 1 to 70 characters for its parts"))?;
    let mut body = request.into_body();
    let folder = &shared.engine.settings().data_dir;
    let (mut asked, mut files, mut size) = (None, HashMap::new(), 0_u64);
    let mut open: Option<(String, Growing)> = None;
    loop {
        match reader.take().map_err(|e: Bad| ApiError::bad_request(format!("the parts cannot be read: {e}")))? {
            None => match next(&mut body).await? {
                Some(bytes) => reader.give(&bytes),
                None => reader.finish(),
            },
            Some(Piece::Data(data)) => {
                let Some((name, growing)) = &mut open else { continue };
                size += data.len() as u64;
                if name != REQUEST && size > LARGEST {
                    return Err(too_large(&format!("the files are larger than {} GiB", LARGEST >> 30)));
                }
                growing.add(data, folder, name == REQUEST).await?;
            }
            Some(piece) => {
                if let Some((name, growing)) = open.take() {
                    if name == REQUEST {
                        asked = Some(growing.request()?);
                    } else {
                        files.insert(name, growing.lent().await?);
                    }
                }
                let Piece::Part(name) = piece else { break };
                if files.len() >= FILES || name.len() > NAME {
                    let message = format!("a request takes {FILES} files, with names of at most {NAME} bytes");
                    return Err(ApiError::bad_request(message));
                }
                if files.contains_key(&name) || (name == REQUEST && asked.is_some()) {
                    return Err(ApiError::bad_request(format!("there are two parts '{}'", shown(&name))));
                }
                open = Some((name, Growing::default()));
            }
        }
    }
    let asked = asked.ok_or_else(|| {
        ApiError::bad_request("there is no part 'request'")
            .hint("send what is otherwise sent as JSON as the part \"request\"")
    })?;
    Ok(Received { asked, files, room })
}

async fn next(body: &mut axum::body::Body) -> Result<Option<Bytes>, ApiError> {
    loop {
        let frame = timeout(PIECE_TIME, body.frame()).await.map_err(|_| {
            let message = format!("nothing of the files came for {} s", PIECE_TIME.as_secs());
            ApiError::new(StatusCode::REQUEST_TIMEOUT, "timeout", message)
        })?;
        match frame {
            None => return Ok(None),
            Some(Err(e)) => return Err(ApiError::bad_request(format!("the files did not arrive: {e}"))),
            Some(Ok(frame)) => {
                if let Ok(data) = frame.into_data() {
                    return Ok(Some(data));
                }
            }
        }
    }
}

fn too_large(message: &str) -> ApiError {
    ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", message)
}

/// A part that is coming.
#[derive(Default)]
struct Growing {
    memory: BytesMut,
    file: Option<std::fs::File>,
    length: u64,
}

impl Growing {
    async fn add(&mut self, data: Bytes, folder: &Path, in_memory: bool) -> Result<(), ApiError> {
        self.length += data.len() as u64;
        if in_memory && self.length > LONGEST as u64 {
            return Err(too_large(&format!("the part 'request' is larger than {} MiB", LONGEST >> 20)));
        }
        self.memory.extend_from_slice(&data);
        if in_memory || self.memory.len() <= IN_MEMORY {
            return Ok(());
        }
        let (bytes, file, folder) = (self.memory.split().freeze(), self.file.take(), folder.to_owned());
        self.file = Some(written(file, bytes, &folder).await?);
        Ok(())
    }

    fn request(self) -> Result<Asked, ApiError> {
        json("the part 'request'", &self.memory)
    }

    async fn lent(mut self) -> Result<Lent, ApiError> {
        let rest = self.memory.split().freeze();
        Ok(match self.file {
            None => Lent::Bytes(rest),
            Some(file) => Lent::File(Arc::new(written(Some(file), rest, Path::new("")).await?), self.length),
        })
    }
}

/// Writes at the end of a file, which is made in `folder` if there is none yet.
async fn written(file: Option<std::fs::File>, bytes: Bytes, folder: &Path) -> Result<std::fs::File, ApiError> {
    let folder = folder.to_owned();
    let work = move || {
        let mut file = match file {
            Some(file) => file,
            None => create_nameless(&folder)?,
        };
        file.write_all(&bytes)?;
        Ok::<_, io::Error>(file)
    };
    let done = spawn_blocking(work).await.map_err(io::Error::other)?;
    done.map_err(|e| match e.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => ApiError::new(
            StatusCode::INSUFFICIENT_STORAGE,
            "no_room",
            "there is no room on the disk for the files of this request",
        ),
        _ => ApiError::internal(format!("the files of a request: {e}")),
    })
}
