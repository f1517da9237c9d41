-- Times are microseconds since the Unix epoch (started_us, opened_us, ended_us) or microseconds after an exchange's
-- start (ready_us, head_us, end_us) or durations (dns_us, connect_us, tls_us). Sizes are bytes as transferred.

PRAGMA application_id = 0x5741594c;

CREATE TABLE session (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  name        TEXT NOT NULL,
  source      TEXT NOT NULL,
  state       TEXT NOT NULL,
  started_us  INTEGER NOT NULL,
  ended_us    INTEGER,
  command     TEXT,
  note        TEXT,
  pinned      INTEGER NOT NULL DEFAULT 0, -- 1: retention leaves it alone
  rules       TEXT,                       -- JSON: what is recorded; null for the defaults
  paused_us   INTEGER NOT NULL DEFAULT 0, -- how long it was paused in all, a pause under way apart
  pause_us    INTEGER,                    -- when the pause under way began
  exchanges   INTEGER NOT NULL DEFAULT 0,
  bytes       INTEGER NOT NULL DEFAULT 0,
  failures    INTEGER NOT NULL DEFAULT 0,
  left_out    INTEGER NOT NULL DEFAULT 0, -- exchanges that the rules kept out
  deletion    INTEGER,                    -- on its way out: not shown, not yet gone
  last_number INTEGER NOT NULL DEFAULT 0,
  -- Range of exchange.seq in this session: with it a session is listed by the primary key, without an index of its own.
  first_seq   INTEGER,
  last_seq    INTEGER
) STRICT;

CREATE TABLE connection (
  id         INTEGER PRIMARY KEY,
  role       TEXT NOT NULL,
  opened_us  INTEGER NOT NULL,
  peer       TEXT NOT NULL,
  local      TEXT,
  authority  TEXT NOT NULL,
  dns_us     INTEGER,
  connect_us INTEGER,
  tls_us     INTEGER,
  tls        TEXT,            -- JSON; null without TLS
  pid        INTEGER,         -- of the client's process, where it was found
  process    TEXT             -- its name
) STRICT;

CREATE TABLE certificate (
  id     INTEGER PRIMARY KEY,
  sha256 BLOB NOT NULL UNIQUE,
  der    BLOB NOT NULL
) STRICT;

-- The certificates a peer sent, leaf first.
CREATE TABLE chain (
  connection  INTEGER NOT NULL,
  position    INTEGER NOT NULL,
  certificate INTEGER NOT NULL,
  PRIMARY KEY (connection, position)
) STRICT, WITHOUT ROWID;

-- Heads and bodies stand last: reading a summary does not touch the pages they overflow to.
CREATE TABLE exchange (
  seq                 INTEGER PRIMARY KEY,
  session             INTEGER NOT NULL,
  number              INTEGER NOT NULL,
  kind                TEXT NOT NULL,
  source              TEXT NOT NULL,
  done                INTEGER NOT NULL,
  started_us          INTEGER NOT NULL,
  ready_us            INTEGER,
  head_us             INTEGER,
  end_us              INTEGER,
  dns_us              INTEGER,
  connect_us          INTEGER,
  tls_us              INTEGER,
  client_connection   INTEGER,
  upstream_connection INTEGER,
  scheme              TEXT NOT NULL,
  host                TEXT NOT NULL,
  port                INTEGER NOT NULL,
  method              TEXT NOT NULL,
  path                TEXT NOT NULL,
  status              INTEGER,
  request_version     INTEGER NOT NULL, -- 10, 11, 20
  response_version    INTEGER,
  content_type        TEXT,             -- media type of the response, lower case, without parameters
  request_size        INTEGER NOT NULL,
  request_end         TEXT NOT NULL,
  request_gaps        TEXT,             -- JSON [{"offset","length"}]
  response_size       INTEGER NOT NULL,
  response_end        TEXT NOT NULL,
  response_gaps       TEXT,
  truncated           INTEGER NOT NULL, -- some of a body was not kept
  messages            INTEGER NOT NULL, -- of a WebSocket, an event stream or a gRPC call, both ways
  grpc_status         INTEGER,
  omitted             TEXT,             -- what the rules kept out of the row, words between commas: media, response, cookies
  passthrough         TEXT,             -- JSON {"pattern","origin","sni"}: why it was relayed unread
  failure_side        TEXT,
  failure_stage       TEXT,
  failure_reason      TEXT,
  failure_message     TEXT,
  request_head        BLOB,
  sent_head           BLOB,             -- what went upstream, where it differs
  response_head       BLOB,
  request_trailers    BLOB,
  response_trailers   BLOB,
  request_body        BLOB,             -- small bodies; others are in segments
  response_body       BLOB
) STRICT;

CREATE UNIQUE INDEX exchange_number ON exchange (session, number);
CREATE INDEX exchange_open ON exchange (seq) WHERE done = 0;

-- Where the bytes of a big body lie: `length` bytes from `offset` of the body (part 0 request, 1 response) stand at
-- `position` of the file segments/NNNN. What no extent covers was not kept.
CREATE TABLE extent (
  seq      INTEGER NOT NULL,
  part     INTEGER NOT NULL,
  offset   INTEGER NOT NULL,
  segment  INTEGER NOT NULL,
  position INTEGER NOT NULL,
  length   INTEGER NOT NULL,
  PRIMARY KEY (seq, part, offset)
) STRICT, WITHOUT ROWID;

-- Messages of WebSockets, event streams and gRPC calls. Their payloads are ranges of the bodies (part 0 request, 1
-- response); only those of ping, pong and close stand here.
CREATE TABLE message (
  seq         INTEGER NOT NULL,
  number      INTEGER NOT NULL, -- from 1, both ways, in the order in which they ended
  part        INTEGER NOT NULL,
  kind        TEXT NOT NULL,
  at_us       INTEGER NOT NULL, -- after the exchange's start
  offset      INTEGER NOT NULL,
  length      INTEGER NOT NULL,
  wire_length INTEGER NOT NULL,
  fragments   INTEGER NOT NULL,
  compressed  INTEGER NOT NULL,
  state       TEXT NOT NULL,
  payload     BLOB,
  PRIMARY KEY (seq, number)
) STRICT, WITHOUT ROWID;

-- Exchanges and sessions that the user has deleted. Until they are purged, a deletion can be taken back.
CREATE TABLE deletion (
  id    INTEGER PRIMARY KEY AUTOINCREMENT,
  at_us INTEGER NOT NULL
) STRICT;

-- Exchanges deleted one by one; those of a session that is deleted whole do not stand here.
CREATE TABLE deleted (
  seq      INTEGER PRIMARY KEY,
  deletion INTEGER NOT NULL
) STRICT;

-- `seq`, `connection` and `segment`: the last numbers given out. `clean`: 1 if the store was closed in order.
CREATE TABLE counter (
  name  TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- With what is worked out when it is read. (SQLite works a generated column out whenever a row is written, even a virtual
-- one.)
CREATE VIEW exchange_all AS
SELECT
  *, scheme || '://' || iif(instr(host, ':'), '[' || host || ']', host)
    || iif((scheme = 'https' AND port = 443) OR (scheme = 'http' AND port = 80), '', ':' || port) || path AS url
FROM exchange;

-- Without what is deleted.
CREATE VIEW exchange_listed AS
SELECT * FROM exchange_all
WHERE seq NOT IN (SELECT seq FROM deleted) AND session NOT IN (SELECT id FROM session WHERE deletion IS NOT NULL);

-- For reading by people and programs: stable where tables may change.
CREATE VIEW v_exchanges AS
SELECT
  session || '.' || number AS id, session, number, seq, kind, source, done,
  strftime('%Y-%m-%dT%H:%M:%fZ', started_us / 1e6, 'unixepoch') AS started, started_us,
  end_us AS duration_us, ready_us, head_us, dns_us, connect_us, tls_us,
  method, url, scheme, host, port, path, status, content_type, request_size, response_size, response_end, truncated,
  messages, grpc_status, omitted, passthrough ->> 'pattern' AS passthrough, passthrough ->> 'origin' AS passthrough_origin,
  passthrough ->> 'sni' AS passthrough_sni,
  failure_side, failure_stage, failure_reason, failure_message,
  client_connection, upstream_connection, request_head, response_head
FROM exchange_listed;

CREATE VIEW v_messages AS
SELECT
  x.session || '.' || x.number AS exchange, m.number, iif(m.part = 0, 'client', 'origin') AS sender, m.kind,
  strftime('%Y-%m-%dT%H:%M:%fZ', (x.started_us + m.at_us) / 1e6, 'unixepoch') AS at, m.at_us,
  m.length, m.wire_length, m.fragments, m.compressed, m.state, m.payload, m.offset, x.url
FROM message AS m JOIN exchange_listed AS x USING (seq);
