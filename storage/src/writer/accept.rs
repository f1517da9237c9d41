//! Taking a batch in: bytes of bodies go to segments at once, rows are lined up for the transaction.

use super::{Writer, progress::Area};
use crate::{
    model::{BodyRecord, Gap},
    queue::{Event, event::weight},
    room::LOOK_EVERY,
    segments::append::Chunk,
};
use std::{io, time::Instant};

impl Writer {
    /// Writes the chunks of a batch and lines up its rows. While the disk is nearly full it keeps no bytes of bodies.
    pub(super) fn accept(&mut self, events: &mut Vec<Event>) {
        let mut chunks = Vec::new();
        let (mut lost, mut done) = (0, 0);
        let low = !events.is_empty() && self.shared.room.is_low();
        for mut event in events.drain(..) {
            let before = weight(&event);
            match event {
                Event::Chunk { data, .. } if low => {
                    lost += data.len() as u64;
                    done += before;
                }
                Event::Chunk { seq, part, offset, data } => chunks.push(Chunk { seq, part, offset, data }),
                Event::Placed(p) => {
                    lost += self.extents.place((p.seq, p.part), p.offset, p.place);
                    done += before;
                }
                _ => {
                    if low {
                        lost += strip(&mut event);
                        done += before - weight(&event).min(before);
                    }
                    self.rows.push(event);
                }
            }
        }
        self.shared.progress.lost_bytes(lost);
        self.shared.queue.budget().give(done);
        if !chunks.is_empty() {
            self.append(chunks);
        }
    }

    fn append(&mut self, mut chunks: Vec<Chunk>) {
        // Neighbours in a body become neighbours in the file, so that one extent holds them. The sort is stable.
        chunks.sort_by_key(|c| (c.seq, c.part));
        let bytes: u64 = chunks.iter().map(|c| c.data.len() as u64).sum();
        let mut placed = 0;
        let result = self.segments.append(&chunks, |chunk, place| {
            let lost = self.extents.place((chunk.seq, chunk.part), chunk.offset, place);
            placed += place.length - lost;
        });
        self.shared.progress.lost_bytes(bytes - placed);
        self.note_bodies(result);
        drop(chunks);
        self.shared.queue.budget().give(usize::try_from(bytes).unwrap_or(usize::MAX));
    }

    /// Tries whether bodies can be written again, if they could not a while ago: somebody may be waiting to read that.
    pub(super) fn try_bodies(&mut self) {
        if self.bodies_failed.is_some_and(|at| at.elapsed() >= LOOK_EVERY) {
            let result = self.segments.probe();
            self.note_bodies(result);
        }
    }

    fn note_bodies(&mut self, result: io::Result<()>) {
        self.bodies_failed = result.is_err().then(Instant::now);
        match result {
            Err(e) => self.shared.progress.failed(Area::Bodies, e.to_string()),
            Ok(()) => self.shared.progress.succeeded(Area::Bodies),
        }
    }
}

/// Takes the bytes of small bodies out of a row, which then says that they are missing; gives back how many they were.
fn strip(event: &mut Event) -> u64 {
    let (Event::Open(x) | Event::Done(x)) = event else { return 0 };
    strip_body(&mut x.request) + strip_body(&mut x.response)
}

fn strip_body(body: &mut BodyRecord) -> u64 {
    let parts = std::mem::take(&mut body.parts);
    let length = parts.iter().map(|part| part.len() as u64).sum();
    if length > 0 {
        body.gaps = vec![Gap { offset: 0, length: body.size }];
    }
    length
}
