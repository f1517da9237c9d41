//! The head of a frame (RFC 6455, 5.2).

use waylay_storage::model::MessageKind;

/// The longest head: two bytes, eight of length, four of mask.
const MAX_HEAD: usize = 14;
/// The longest payload of a control frame (RFC 6455, 5.5).
pub(super) const MAX_CONTROL: usize = 125;

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Opcode {
    /// Goes on with the message under way.
    Continuation,
    /// Begins a message.
    Data(MessageKind),
    /// Is a message by itself, and may stand between the frames of another.
    Control(MessageKind),
}

/// What the first byte of a frame says.
#[derive(Clone, Copy, Debug)]
pub(super) struct First {
    pub(super) opcode: Opcode,
    /// The last frame of its message.
    pub(super) fin: bool,
    /// RSV1: with permessage-deflate, the message is compressed (RFC 7692, 6).
    pub(super) rsv1: bool,
    /// RSV2 or RSV3, to which no known extension gives a meaning.
    pub(super) rsv23: bool,
}

impl First {
    /// Errors: an opcode that is reserved, or a control frame in fragments.
    pub(super) fn parse(byte: u8) -> Result<Self, &'static str> {
        let opcode = match byte & 0x0f {
            0x0 => Opcode::Continuation,
            0x1 => Opcode::Data(MessageKind::Text),
            0x2 => Opcode::Data(MessageKind::Binary),
            0x8 => Opcode::Control(MessageKind::Close),
            0x9 => Opcode::Control(MessageKind::Ping),
            0xa => Opcode::Control(MessageKind::Pong),
            _ => return Err("a frame has an opcode that RFC 6455 reserves"),
        };
        let fin = byte & 0x80 != 0;
        if !fin && matches!(opcode, Opcode::Control(_)) {
            return Err("a control frame is fragmented");
        }
        Ok(Self { opcode, fin, rsv1: byte & 0x40 != 0, rsv23: byte & 0x30 != 0 })
    }
}

/// What the rest of a head says.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rest {
    /// Bytes of payload.
    pub(super) length: u64,
    /// The key they are masked with, if they are.
    pub(super) mask: Option<[u8; 4]>,
}

/// Collects a head that may come in pieces.
#[derive(Debug, Default)]
pub(super) struct Heads {
    bytes: [u8; MAX_HEAD],
    length: usize,
}

impl Heads {
    /// Takes the next byte of a head that `first` began; returns the rest of the head when this was its last byte.
    ///
    /// Lengths that are not in their shortest form are taken as they are. Errors: a control frame too long, a length
    /// of more than 63 bits.
    pub(super) fn feed(&mut self, first: First, byte: u8) -> Result<Option<Rest>, &'static str> {
        self.bytes[self.length] = byte;
        self.length += 1;
        let [second, long @ ..] = &self.bytes;
        let short = second & 0x7f;
        if matches!(first.opcode, Opcode::Control(_)) && usize::from(short) > MAX_CONTROL {
            return Err("a control frame is longer than 125 bytes");
        }
        let extended = match short {
            126 => 2,
            127 => 8,
            _ => 0,
        };
        let masked = second & 0x80 != 0;
        if self.length < 1 + extended + if masked { 4 } else { 0 } {
            return Ok(None);
        }
        let (digits, key) = long.split_at(extended);
        let length = match digits {
            [] => short.into(),
            digits => digits.iter().fold(0, |length, digit| length << 8 | u64::from(*digit)),
        };
        if length >> 63 != 0 {
            return Err("a frame's length has more than 63 bits");
        }
        self.length = 0;
        Ok(Some(Rest { length, mask: masked.then(|| [key[0], key[1], key[2], key[3]]) }))
    }
}
