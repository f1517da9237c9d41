-- Times are microseconds since the Unix epoch (started_us, opened_us, ended_us) or microseconds after an exchange's
-- start (ready_us, head_us, end_us) or durations (dns_us, connect_us, tls_us). Sizes are bytes as transferred.

PRAGMA application_id = 0x5741594c;

CREATE TABLE session (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  name        TEXT NOT NULL,
  source      TEXT NOT NULL,
  state       TEXT NOT NULL,
  started_us  INTEGER NOT NULL,
  changed_us  INTEGER NOT NULL,           -- when its state last changed: it was open until then at least
  ended_us    INTEGER,
  command     TEXT,
  note        TEXT,
  pinned      INTEGER NOT NULL DEFAULT 0, -- 1: retention leaves it alone
  keep_us     INTEGER,                    -- retention leaves it alone until then, and removes it then; null: as configured
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
  process    TEXT,            -- its name
  via        TEXT,            -- the proxy on the way, without credentials
  via_us     INTEGER          -- how long it took to connect
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

CREATE INDEX chain_certificate ON chain (certificate);

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

-- Cookies that exchanges set, and fields in which they were sent. Read from the heads behind the writer; gone with them.
CREATE TABLE cookie_event (
  seq      INTEGER NOT NULL,
  position INTEGER NOT NULL, -- from 0: fields of the request first, then those of the response
  session  INTEGER NOT NULL,
  number   INTEGER NOT NULL,
  at_us    INTEGER NOT NULL,
  host     TEXT NOT NULL,    -- that was asked
  outcome  TEXT NOT NULL,    -- sent, or what a browser does with it: stored, replaced, deleted, over, rejected
  reason   TEXT,             -- a word, if it is rejected
  message  TEXT,             -- the same as a sentence
  raw      BLOB NOT NULL,    -- the value of the field
  deletion INTEGER,          -- on its way out; -1: it is gone, and its place stays, so that it is not read from the head again
  PRIMARY KEY (seq, position)
) STRICT, WITHOUT ROWID;

CREATE INDEX cookie_event_session ON cookie_event (session, seq, position);
CREATE INDEX cookie_event_deletion ON cookie_event (deletion) WHERE deletion > 0;

-- Jars of cookies. One is the usual.
CREATE TABLE jar (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  name       TEXT NOT NULL,
  is_default INTEGER NOT NULL DEFAULT 0,
  created_us INTEGER NOT NULL,
  deletion   INTEGER
) STRICT;

CREATE UNIQUE INDEX jar_default ON jar (is_default) WHERE is_default = 1;
INSERT INTO jar (name, is_default, created_us) VALUES ('Default', 1, 0);

-- Domains that stand in a jar although they may have no cookies.
CREATE TABLE jar_domain (
  jar      INTEGER NOT NULL,
  domain   TEXT NOT NULL,
  deletion INTEGER,
  PRIMARY KEY (jar, domain)
) STRICT, WITHOUT ROWID;

-- Cookies of jars, each in its place: name, domain, host_only, path, partition.
CREATE TABLE cookie (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  jar        INTEGER NOT NULL,
  name       BLOB NOT NULL,
  value      BLOB NOT NULL,
  domain     TEXT NOT NULL,              -- lower case, Punycode, no leading dot
  host_only  INTEGER NOT NULL,
  path       TEXT NOT NULL,
  secure     INTEGER NOT NULL,
  http_only  INTEGER NOT NULL,
  same_site  TEXT,                       -- strict, lax, none
  partition  TEXT NOT NULL,              -- the site it is kept for; empty for none
  expires_us INTEGER,
  created_us INTEGER NOT NULL,
  changed_us INTEGER NOT NULL,
  source     TEXT NOT NULL,              -- response, request, user, import, sync
  guessed    INTEGER NOT NULL,           -- its scope is a guess: it was seen in a field Cookie only
  session    INTEGER,                    -- the exchange that set it
  number     INTEGER,
  gone       INTEGER NOT NULL DEFAULT 0, -- it was taken away; what its values were stays
  deletion   INTEGER
) STRICT;

CREATE UNIQUE INDEX cookie_place ON cookie (jar, domain, name, path, host_only, partition) WHERE deletion IS NULL;
CREATE INDEX cookie_gone ON cookie (jar, changed_us) WHERE gone = 1;
CREATE INDEX cookie_deletion ON cookie (deletion) WHERE deletion IS NOT NULL;

-- The values that cookies have had.
CREATE TABLE cookie_value (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  cookie     INTEGER NOT NULL,
  at_us      INTEGER NOT NULL,
  what       TEXT NOT NULL,              -- stored, replaced, deleted, evicted, edited, imported, guessed, restored
  name       BLOB NOT NULL,
  value      BLOB NOT NULL,              -- empty where it was taken away
  domain     TEXT NOT NULL,
  host_only  INTEGER NOT NULL,
  path       TEXT NOT NULL,
  secure     INTEGER NOT NULL,
  http_only  INTEGER NOT NULL,
  same_site  TEXT,
  partition  TEXT NOT NULL,
  expires_us INTEGER,
  guessed    INTEGER NOT NULL,
  session    INTEGER,
  number     INTEGER
) STRICT;

CREATE INDEX cookie_value_cookie ON cookie_value (cookie, id);

-- Domains whose cookies are taken over from what passes through the proxy.
CREATE TABLE sync_domain (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  host       TEXT NOT NULL,
  subdomains INTEGER NOT NULL,
  added_us   INTEGER NOT NULL,
  last_us    INTEGER,                    -- when the last cookie came
  cookies    INTEGER NOT NULL DEFAULT 0, -- that have come
  UNIQUE (host, subdomains)
) STRICT;

-- What was sent from here, or tried to be. What it says stays when the exchanges go.
CREATE TABLE send (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  at_us       INTEGER NOT NULL,
  state       TEXT NOT NULL,              -- running, done, failed, cancelled, interrupted
  sent        INTEGER NOT NULL DEFAULT 1, -- 0: added from what was captured
  method      TEXT NOT NULL,
  url         TEXT NOT NULL,
  status      INTEGER,
  duration_us INTEGER,
  bytes       INTEGER NOT NULL DEFAULT 0, -- of the bodies as transferred
  environment TEXT,                       -- the name of the one it was sent with
  made_from   TEXT,                       -- the exchange it was made from, such as 7.42
  error       TEXT,                       -- JSON
  deletion    INTEGER,                    -- on its way out: not shown, not yet gone
  request     TEXT NOT NULL               -- JSON, as it was written: last, as it may be long
) STRICT;

CREATE INDEX send_at ON send (at_us, id) WHERE deletion IS NULL;
CREATE INDEX send_running ON send (id) WHERE state = 'running';
CREATE INDEX send_deletion ON send (deletion) WHERE deletion IS NOT NULL;

-- The exchanges of what was sent, in order; the last is the result. They may be gone.
CREATE TABLE hop (
  send     INTEGER NOT NULL,
  position INTEGER NOT NULL,
  session  INTEGER NOT NULL,
  number   INTEGER NOT NULL,
  PRIMARY KEY (send, position)
) STRICT, WITHOUT ROWID;

-- Requests that were sent again, together: what was asked for, and how far it is. It goes with its session.
CREATE TABLE replay (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  session    INTEGER NOT NULL UNIQUE,    -- where its exchanges are
  state      TEXT NOT NULL,              -- running, done, cancelled, failed, interrupted
  started_us INTEGER NOT NULL,
  ended_us   INTEGER,
  total      INTEGER NOT NULL,           -- requests
  done       INTEGER NOT NULL DEFAULT 0, -- the sum of those that follow
  same       INTEGER NOT NULL DEFAULT 0,
  changed    INTEGER NOT NULL DEFAULT 0,
  failed     INTEGER NOT NULL DEFAULT 0,
  skipped    INTEGER NOT NULL DEFAULT 0,
  sent       INTEGER NOT NULL DEFAULT 0,
  error      TEXT,
  what       TEXT NOT NULL               -- JSON
) STRICT;

-- What came of each. The original may be gone.
CREATE TABLE replayed (
  id               INTEGER PRIMARY KEY,
  replay           INTEGER NOT NULL,
  position         INTEGER NOT NULL,     -- from 1
  original_session INTEGER,
  original_number  INTEGER,
  item             INTEGER,              -- of a collection
  name             TEXT,                 -- that of the item
  method           TEXT NOT NULL,
  url              TEXT NOT NULL,
  status           INTEGER,              -- of the original
  result           INTEGER,              -- number in the session of the replay
  result_status    INTEGER,
  duration_us      INTEGER,
  verdict          TEXT NOT NULL,        -- same, changed, failed, skipped, sent
  comparison       TEXT,                 -- JSON
  error            TEXT                  -- JSON
) STRICT;

CREATE UNIQUE INDEX replayed_position ON replayed (replay, position);
CREATE INDEX replayed_original ON replayed (original_session, original_number) WHERE comparison IS NOT NULL;
CREATE INDEX replayed_result ON replayed (replay, result) WHERE result IS NOT NULL;

-- Named sets of variables, and the globals.
CREATE TABLE environment (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  kind       TEXT NOT NULL,              -- environment, globals
  name       TEXT NOT NULL,
  active     INTEGER NOT NULL DEFAULT 0,
  variables  TEXT NOT NULL,              -- JSON [{"key","value","type"}]
  changed_us INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX environment_globals ON environment (kind) WHERE kind = 'globals';
CREATE UNIQUE INDEX environment_active ON environment (active) WHERE active = 1;

-- Messages for WebSockets that are kept, by the URL they are for.
CREATE TABLE saved_message (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  url        TEXT NOT NULL,              -- as the request has it, without its query
  name       TEXT NOT NULL,
  format     TEXT NOT NULL,              -- text, json, xml, html, base64, hex
  content    TEXT NOT NULL,
  changed_us INTEGER NOT NULL
) STRICT;

CREATE INDEX saved_message_url ON saved_message (url);

-- Requests that are kept, in trees of folders. `deletion`: on its way out, or below 0 while it is being made.
CREATE TABLE collection (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  name       TEXT NOT NULL,
  changed_us INTEGER NOT NULL,            -- it, or anything in it
  live       TEXT,                        -- JSON: the session that fills it, and how
  grouping   TEXT,                        -- JSON: how captured requests were put into it the last time
  deletion   INTEGER,
  content    TEXT NOT NULL                -- JSON, without what is in it
) STRICT;

CREATE INDEX collection_deletion ON collection (deletion) WHERE deletion IS NOT NULL;

-- Folders and requests, and below requests their examples.
CREATE TABLE item (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  collection INTEGER NOT NULL,
  parent     INTEGER,                     -- null at the top
  position   INTEGER NOT NULL,            -- order among those of one parent; numbers may be missing
  kind       TEXT NOT NULL,               -- folder, request, example
  name       TEXT NOT NULL,
  method     TEXT NOT NULL,
  url        TEXT NOT NULL,
  status     INTEGER,                     -- of an example
  scripts    INTEGER NOT NULL,            -- 1: has some
  changed_us INTEGER NOT NULL,
  deletion   INTEGER,
  content    TEXT NOT NULL                -- JSON, without what is in it
) STRICT;

CREATE INDEX item_place ON item (collection, parent, position);
CREATE INDEX item_parent ON item (parent) WHERE parent IS NOT NULL;
CREATE INDEX item_deletion ON item (deletion) WHERE deletion IS NOT NULL;

-- What the user has set once for all, in JSON.
CREATE TABLE setting (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What the user has deleted: exchanges, sessions, entries of the history, collections and items, jars and cookies. Until they are purged, a deletion can be taken back.
CREATE TABLE deletion (
  id     INTEGER PRIMARY KEY AUTOINCREMENT,
  at_us  INTEGER NOT NULL,
  undone INTEGER NOT NULL DEFAULT 0 -- 1: it is being taken back
) STRICT;

-- Exchanges deleted one by one; those of a session that is deleted whole do not stand here.
CREATE TABLE deleted (
  seq      INTEGER PRIMARY KEY,
  deletion INTEGER NOT NULL
) STRICT;

-- `seq`, `connection` and `segment`: the last numbers given out. `cookies`: up to which `seq` heads were read for cookies. `clean`: 1 if the store was closed in order.
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

-- The fields of all heads and trailers, one by one, as storage reads them: a field's line ends in LF or CRLF, an empty line
-- ends the head, and what is no field has no name. The lines are cut from the bytes and handed on as JSON, so that only the
-- heads asked for are read.
CREATE VIEW v_headers AS
SELECT
  x.session || '.' || x.number AS exchange, x.session, x.number, x.seq, s.side, f.key + 1 AS position,
  json_extract(f.value, '$[0]') AS name, json_extract(f.value, '$[1]') AS value
FROM exchange_listed AS x
JOIN (
  SELECT 'request' AS side UNION ALL SELECT 'sent' UNION ALL SELECT 'response'
  UNION ALL SELECT 'request_trailers' UNION ALL SELECT 'response_trailers'
) AS s
JOIN json_each((
  WITH RECURSIVE line (n, line, rest) AS (
    SELECT iif(s.side LIKE '%trailers', 0, -1), x'', CASE s.side
      WHEN 'request' THEN x.request_head WHEN 'sent' THEN x.sent_head WHEN 'response' THEN x.response_head
      WHEN 'request_trailers' THEN x.request_trailers ELSE x.response_trailers END
    UNION ALL
    SELECT
      n + 1, iif(instr(rest, x'0a'), substr(rest, 1, instr(rest, x'0a') - 1), rest),
      iif(instr(rest, x'0a'), substr(rest, instr(rest, x'0a') + 1), x'')
    FROM line WHERE length(rest) > 0 AND (n < 1 OR line NOT IN (x'', x'0d'))
  ),
  field (line) AS (
    SELECT iif(substr(line, -1) = x'0d', substr(line, 1, length(line) - 1), line)
    FROM line WHERE n > 0 AND line NOT IN (x'', x'0d')
  ),
  cut (line, colon) AS (
    SELECT line, iif(substr(line, 1, 1) IN (x'20', x'09'), 0, instr(line, x'3a')) FROM field
  )
  SELECT json_group_array(json_array(
    CAST(substr(line, 1, max(colon - 1, 0)) AS TEXT),
    trim(CAST(substr(line, colon + 1) AS TEXT), char(9, 10, 12, 13, 32))
  )) FROM cut
)) AS f;

-- Cookies that were sent (Cookie, one row each) and set (Set-Cookie). Attributes are a JSON object with names in lower case;
-- those without a value are true. Rows whose cookies the rules kept out have none.
CREATE VIEW v_cookies AS
SELECT
  exchange, session, number, seq, direction, position,
  iif(instr(pair, '='), rtrim(substr(pair, 1, instr(pair, '=') - 1), char(9, 32)), '') AS name,
  iif(instr(pair, '='), ltrim(substr(pair, instr(pair, '=') + 1), char(9, 32)), pair) AS value,
  raw, attributes
FROM (
  SELECT
    h.exchange, h.session, h.number, h.seq, iif(h.side = 'request', 'sent', 'set') AS direction, h.position,
    trim(p.value, char(9, 32)) AS pair, iif(h.side = 'request', trim(p.value, char(9, 32)), h.value) AS raw,
    iif(h.side = 'response', (
      SELECT json_group_object(
        lower(trim(iif(instr(a.value, '='), substr(a.value, 1, instr(a.value, '=') - 1), a.value), char(9, 32))),
        iif(instr(a.value, '='), trim(substr(a.value, instr(a.value, '=') + 1), char(9, 32)), json('true')))
      FROM json_each(p.json) AS a WHERE a.key > 0 AND trim(a.value, char(9, 32)) <> ''
    ), NULL) AS attributes
  FROM v_headers AS h
  JOIN json_each((
    WITH RECURSIVE part (n, part, rest) AS (
      SELECT 0, NULL, h.value || ';'
      UNION ALL
      SELECT n + 1, substr(rest, 1, instr(rest, ';') - 1), substr(rest, instr(rest, ';') + 1)
      FROM part WHERE rest <> ''
    )
    SELECT json_group_array(part) FROM part WHERE n > 0
  )) AS p
  WHERE ((h.side = 'request' AND h.name LIKE 'cookie') OR (h.side = 'response' AND h.name LIKE 'set-cookie' AND p.key = 0))
    AND trim(p.value, char(9, 32)) <> ''
    AND NOT EXISTS (SELECT 1 FROM exchange AS o WHERE o.seq = h.seq AND instr(o.omitted, 'cookies'))
);

CREATE VIEW v_sessions AS
SELECT
  id, name, source, state, strftime('%Y-%m-%dT%H:%M:%fZ', started_us / 1e6, 'unixepoch') AS started,
  strftime('%Y-%m-%dT%H:%M:%fZ', ended_us / 1e6, 'unixepoch') AS ended, started_us, ended_us,
  max(0, coalesce(pause_us, ended_us, CAST(unixepoch('subsec') * 1e6 AS INTEGER)) - started_us - paused_us) AS duration_us,
  command, note, pinned, keep_us AS keep_until_us, exchanges, bytes, failures, left_out
FROM session WHERE deletion IS NULL;
