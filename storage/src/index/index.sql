-- Made from the captured rows and able to be made again at any time: what lists, filters and searches are answered from.
-- Numbers of `facet`: 1 method, 2 host, 3 media type (0 as its value: none), 4 status (likewise), and, of what is not
-- counted: 5 scheme and port such as `https:443`, 6 reason of a failure (0: none).

-- `identity`: of the store it was made from. `floor`: every exchange up to this `seq` is in `entry` or in `pending`.
CREATE TABLE state (
  name  TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Up to `floor`: exchanges that are not over, or of which no row has come so far.
CREATE TABLE pending (
  seq INTEGER PRIMARY KEY
) STRICT;

CREATE TABLE word (
  id    INTEGER PRIMARY KEY,
  facet INTEGER NOT NULL,
  text  TEXT NOT NULL,
  UNIQUE (facet, text)
) STRICT;

-- The names of header fields (`kind` 1, in lower case) or cookies (2) that some exchanges have: sorted, each between line feeds.
CREATE TABLE names (
  id   INTEGER PRIMARY KEY,
  kind INTEGER NOT NULL,
  hash INTEGER NOT NULL, -- of `text`, to find it by
  text BLOB NOT NULL
) STRICT;

CREATE INDEX names_hash ON names (kind, hash);

-- One row for each exchange that is over.
CREATE TABLE entry (
  seq         INTEGER PRIMARY KEY,
  session     INTEGER NOT NULL,
  method      INTEGER NOT NULL, -- of `word`, as are host, type, target and reason
  host        INTEGER NOT NULL,
  type        INTEGER NOT NULL,
  target      INTEGER NOT NULL,
  reason      INTEGER NOT NULL,
  fields      INTEGER NOT NULL, -- of `names`, as are cookies
  cookies     INTEGER NOT NULL,
  client      INTEGER NOT NULL, -- connection; 0 for none
  status      INTEGER NOT NULL,
  kind        INTEGER NOT NULL, -- 0 http, and so on in the order of the vocabulary
  source      INTEGER NOT NULL, -- 0 proxy, likewise
  size        INTEGER NOT NULL, -- of the response's body
  bytes       INTEGER NOT NULL, -- of both bodies
  duration_us INTEGER NOT NULL,
  started_us  INTEGER NOT NULL,
  failed      INTEGER NOT NULL,
  truncated   INTEGER NOT NULL,
  omitted     INTEGER NOT NULL,
  passthrough INTEGER NOT NULL
) STRICT;

CREATE INDEX entry_session ON entry (session, seq);
CREATE INDEX entry_method ON entry (method, seq);
CREATE INDEX entry_host ON entry (host, seq);
CREATE INDEX entry_type ON entry (type, seq);
CREATE INDEX entry_target ON entry (target, seq);
CREATE INDEX entry_reason ON entry (reason, seq) WHERE reason > 0;
CREATE INDEX entry_fields ON entry (fields, seq);
CREATE INDEX entry_cookies ON entry (cookies, seq);
CREATE INDEX entry_client ON entry (client, seq);
CREATE INDEX entry_status ON entry (status, seq);
CREATE INDEX entry_size ON entry (size, seq);
CREATE INDEX entry_duration ON entry (duration_us, seq);
CREATE INDEX entry_started ON entry (started_us, seq);
CREATE INDEX entry_kind ON entry (kind, seq) WHERE kind > 0;
CREATE INDEX entry_source ON entry (source, seq) WHERE source > 0;
CREATE INDEX entry_failed ON entry (seq) WHERE failed;
CREATE INDEX entry_truncated ON entry (seq) WHERE truncated;
CREATE INDEX entry_omitted ON entry (seq) WHERE omitted;
CREATE INDEX entry_passthrough ON entry (seq) WHERE passthrough;

-- What there is of each value in each session.
CREATE TABLE tally (
  session   INTEGER NOT NULL,
  facet     INTEGER NOT NULL,
  value     INTEGER NOT NULL,
  exchanges INTEGER NOT NULL,
  bytes     INTEGER NOT NULL,
  failures  INTEGER NOT NULL,
  PRIMARY KEY (session, facet, value)
) STRICT, WITHOUT ROWID;

-- Exchanges whose words are not in the full-text tables yet.
CREATE TABLE unread (
  seq INTEGER PRIMARY KEY
) STRICT;

-- By `seq`. Three letters of a URL, the words of heads, the words of bodies.
CREATE VIRTUAL TABLE url_trigrams USING fts5(url, content = '', contentless_delete = 1, detail = none, tokenize = 'trigram');
CREATE VIRTUAL TABLE head_words USING fts5(head, content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 0');
CREATE VIRTUAL TABLE body_words USING fts5(body, content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 0');
