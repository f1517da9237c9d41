// The shapes of the control API, for the type checker. Nothing here runs, and no page loads it.

/**
 * Steps in microseconds after the start (`*_us` of ready, head, end) and durations (dns, connect, tls).
 * @typedef {{ ready_us: number | null, head_us: number | null, end_us: number | null, dns_us: number | null, connect_us: number | null, tls_us: number | null }} Timings
 */
/** @typedef {{ side: "client" | "upstream" | "waylay", stage: string, reason: string, message: string }} Failure */
/** @typedef {"http" | "websocket" | "sse" | "grpc" | "tunnel" | "tls_failure" | "pinned" | "connect_failure"} Kind */
/** @typedef {"open" | "complete" | "failed" | "dropped"} BodyEnd */
/** @typedef {"flag" | "user" | "automatic"} PassOrigin who put a host on the passthrough list: a setting, the user, Waylay itself */
/**
 * @typedef {object} Summary What a row shows of an exchange.
 * @property {string} id such as `7.42`
 * @property {number} seq
 * @property {Kind} kind
 * @property {string} source
 * @property {boolean} done
 * @property {number} started_us
 * @property {Timings} timings
 * @property {string} method
 * @property {string} scheme
 * @property {string} host
 * @property {number} port
 * @property {string} path
 * @property {string} url
 * @property {number | null} status
 * @property {string} request_version
 * @property {string | null} response_version
 * @property {string | null} content_type
 * @property {number} request_size
 * @property {number} response_size
 * @property {BodyEnd} response_end
 * @property {boolean} truncated
 * @property {number} messages of a WebSocket, an event stream or a gRPC call so far, both ways
 * @property {number | null} grpc_status 0 is success
 * @property {("media" | "response" | "cookies")[]} [omitted] what the session's rules kept out of the row
 * @property {{ pattern: string, origin: PassOrigin, sni: string | null } | null} [passthrough] why a tunnel was relayed unread
 * @property {Failure | null} failure
 */
/** @typedef {{ name: string, value: string, bytes?: string, name_bytes?: string }} Field `*bytes`: base64 of what is not UTF-8 */
/** @typedef {{ size: number, stored: number, end: BodyEnd, gaps: { offset: number, length: number }[] }} Body */
/** @typedef {{ line: string, headers: Field[], trailers: Field[], body: Body }} Message */
/**
 * @typedef {object} Certificate
 * @property {string} subject
 * @property {string} issuer
 * @property {string | null} not_before ISO 8601
 * @property {string | null} not_after ISO 8601
 * @property {string[]} names
 * @property {string} sha256
 * @property {string} key
 * @property {string} [error] why it could not be read
 */
/**
 * @typedef {object} Tls
 * @property {string} version
 * @property {string} cipher
 * @property {string | null} group
 * @property {string | null} alpn
 * @property {string[]} offered_alpn
 * @property {string | null} sni
 * @property {boolean} resumed
 * @property {boolean | null} verified
 * @property {Certificate[]} chain
 */
/**
 * @typedef {object} Connection
 * @property {number} id
 * @property {"client" | "upstream"} role
 * @property {number} opened_us
 * @property {string} peer
 * @property {string | null} local
 * @property {string} authority
 * @property {number | null} dns_us
 * @property {number | null} connect_us
 * @property {number | null} tls_us
 * @property {Tls | null} tls
 * @property {{ pid: number, name: string } | null} process
 */
/**
 * @typedef {Summary & {
 *   request: Message,
 *   sent: { line: string, headers: Field[] } | null,
 *   response: Message | null,
 *   client_connection: Connection | null,
 *   upstream_connection: Connection | null,
 * }} Detail
 */
/**
 * @typedef {object} Rules "What to record". Within a list any value will do, all lists must agree, an empty one asks for nothing.
 * @property {string[]} methods
 * @property {string[]} status `404`, `5xx`
 * @property {string[]} hosts
 * @property {string[]} url_contains text, or `/a regular expression/`
 * @property {string[]} url_excludes
 * @property {string[]} content_types
 * @property {boolean} save_responses
 * @property {boolean} capture_cookies
 * @property {boolean} media whether bodies of images, audio and video are stored
 */
/** @typedef {{ name: string, title: string, rules: Rules }} Preset */
/**
 * @typedef {object} Session
 * @property {number} id
 * @property {string} name
 * @property {string | null} note
 * @property {boolean} pinned
 * @property {Rules} rules
 * @property {number} paused_us how long it was paused in all, a pause under way apart
 * @property {number | null} pause_us when that began
 * @property {number} left_out exchanges that the rules kept out
 * @property {string} source
 * @property {"recording" | "paused" | "stopped" | "interrupted"} state
 * @property {number} started_us
 * @property {number | null} ended_us
 * @property {string | null} command
 * @property {number} exchanges
 * @property {number} bytes
 * @property {number} failures
 */
/**
 * @typedef {object} Status
 * @property {string} version
 * @property {number} pid
 * @property {number} started_us
 * @property {string} data_dir
 * @property {{ on?: boolean, port?: number, addresses: string[] }} proxy
 * @property {{ addresses: string[] }} ui
 * @property {Session | null} session
 * @property {{ patterns: number, automatic: string[], distrustful: Distrust[] }} [passthrough]
 * @property {{ schema: number | null, exchanges: number | null, bytes: number | null, backlog_bytes: number, shed: number, shed_bytes: number, error: string | null }} store `null`: it cannot be read just now
 * @property {{ behind: number, text_behind: number }} [index] exchanges that are not indexed, and not yet searched for text
 * @property {{ peak_bytes: number, storing?: "ok" | "paused" | "failing", why?: string | null, shed_rows?: number, shed_bytes?: number }} capture
 */
/** @typedef {"client" | "origin"} Sender */
/** @typedef {"text" | "binary" | "ping" | "pong" | "close" | "event" | "grpc" | "grpc_trailers"} MessageKind */
/**
 * @typedef {object} MessageFacts One message of a WebSocket, an event stream or a gRPC call.
 * @property {number} number its place among the messages of the exchange, from 1
 * @property {Sender} sender
 * @property {MessageKind} kind
 * @property {number} at_us microseconds after the exchange began
 * @property {number} length bytes of the payload
 * @property {number} wire_length bytes it took before it was decompressed
 * @property {number} fragments frames it came in
 * @property {boolean} compressed
 * @property {"complete" | "cut" | "undecoded"} state
 * @property {string | null} event name of an event
 * @property {string | null} event_id
 * @property {number | null} close_code
 * @property {number} missing bytes of the payload that were not kept
 */
/** @typedef {MessageFacts & { preview: string }} MessageItem `preview`: one line of it */
/** @typedef {{ items: MessageItem[], total: number, next: number | null }} MessagePage `next`: to go on after; `null` at the end */
/**
 * @typedef {MessageFacts & {
 *   text: string | null,
 *   truncated?: boolean,
 *   hex: string | null,
 *   data: string | null,
 *   retry?: number | null,
 *   fields: ProtobufField[] | null,
 *   fields_truncated?: boolean,
 *   close_reason: string | null,
 *   decode_error?: string | null,
 * }} MessageDetail `truncated`: there is more text than this; `hex`: the first 4 KiB of what is not text
 */
/**
 * What the bytes of one field may mean, without a schema.
 * @typedef {{ uint?: string | number, sint?: string | number, float?: string | number | null, text?: string, message?: ProtobufField[], hex?: string, length?: number }} ProtobufValue
 */
/** @typedef {{ number: number, wire: string, value: ProtobufValue }} ProtobufField */
/**
 * @typedef {object} PassedHost A host whose connections are relayed without being read.
 * @property {string} pattern `host`, `*.host` or `host:port`
 * @property {PassOrigin} origin
 * @property {number} added_us
 * @property {string | null} reason
 * @property {number | null} rejections connections the client had refused until then
 * @property {string | null} [client] address of the one client it holds for
 */
/** @typedef {{ client: string, host: string, since_us: number }} Distrust a client that most likely trusts the certificate for no host */
/** @typedef {{ items: PassedHost[], automatic: boolean, distrustful?: Distrust[] }} Passthrough `automatic`: hosts are added by themselves */
/**
 * @typedef {object} Page
 * @property {Summary[]} items
 * @property {number | null} before
 * @property {string | null} [next] where the daemon sorts: cursor to the page that follows
 * @property {number | null} matched
 * @property {number | null} [matched_at_least] where counting stopped
 */
/** @typedef {"method" | "host" | "type" | "status"} Property what exchanges are grouped by */
/** @typedef {{ value: string, exchanges: number, bytes: number, failures: number }} Group */
/** @typedef {Record<Property, Group[]> & { counted: number, all: boolean }} Facets `all`: not only the newest were counted */
/** @typedef {{ by: Property, items: Group[], exchanges: number, bytes: number, failures: number }} Overview */
/** @typedef {{ id: number, exchanges: number, sessions: number, until_us: number }} Deletion what is hidden, until it is gone for good */
/** @typedef {{ on: boolean, port: number, addresses: string[] }} Proxy */
/** @typedef {{ key: string, value: string, bytes?: string, disabled?: boolean, description?: string | null, extra?: object }} DraftField `bytes`: base64 of a value that is not UTF-8 */
/** @typedef {DraftField & { src?: string[] | null, content_type?: string, file_name?: string }} DraftPart a part of a form; `src`: the files it is made of */
/**
 * @typedef {{ mode: "none" } | { mode: "raw", raw: string, language?: Language } | { mode: "bytes", base64: string }
 *   | { mode: "urlencoded", urlencoded: DraftField[] } | { mode: "formdata", formdata: DraftPart[] } | { mode: "file", src: string }
 *   | { mode: "graphql", query: string, variables?: string, operation_name?: string } | { mode: "captured", exchange: string, size?: number }} DraftBody
 */
/** @typedef {"text" | "json" | "javascript" | "html" | "xml"} Language */
/** @typedef {{ type: string } & Record<string, any>} DraftAuth `inherit`, `none`, `basic`, `bearer`, `apikey`, `digest`; others are kept and not sent */
/** @typedef {Record<string, any>} SendSettings by the names of the API; what is left out is as the general ones say */
/**
 * @typedef {object} Draft A request as it is written.
 * @property {string} [method]
 * @property {string} url
 * @property {DraftField[]} [query] stands for the query of `url`
 * @property {DraftField[]} [path_variables]
 * @property {DraftField[]} [headers]
 * @property {string[]} [without] names, in lower case, of fields that are not to be sent by themselves
 * @property {DraftBody} [body]
 * @property {DraftAuth} [auth]
 * @property {SendSettings} [settings]
 * @property {string} [written_by] who wrote it, if not the user: the origin of a page
 * @property {object} [extra] what the file it was read from said besides
 */
/** @typedef {{ jar: number | "default" | "none", as_of?: string }} WhichCookies of which jar, and as it was at which exchange */
/** @typedef {{ request?: Draft, item?: number, from?: string, again?: number, as_mine?: boolean, variables?: Record<string, string>, cookies?: WhichCookies }} Order what `POST /send` takes */
/** @typedef {{ stage: string, reason?: string, message: string, hint?: string }} SendError */
/** @typedef {{ id: string, method: string, url: string, status: number | null }} Hop */
/** @typedef {{ send: number, id: string | null, exchange: Detail | null, hops: Hop[], error: SendError | null, warnings: string[] }} Sent */
/** @typedef {{ name: string, value: string | null, scope: string, secret: boolean }} UsedVariable */
/**
 * @typedef {object} Preview What would be sent.
 * @property {string} method
 * @property {string} url
 * @property {{ key: string, value: string, automatic: boolean, removable: boolean }[]} headers
 * @property {{ name: string, where: string }[]} unresolved
 * @property {UsedVariable[]} variables
 * @property {string[]} warnings
 * @property {SendError | null} error
 */
/** @typedef {"running" | "done" | "failed" | "cancelled" | "interrupted"} SendState */
/**
 * @typedef {object} SendEntry A send in the history.
 * @property {"send"} kind
 * @property {number} id
 * @property {number} at_us
 * @property {SendState} state
 * @property {string} method
 * @property {string} url
 * @property {number | null} status
 * @property {number | null} duration_us
 * @property {number | null} bytes
 * @property {string | null} exchange
 * @property {string | null} environment
 * @property {string | null} from
 * @property {SendError | null} error
 */
/** @typedef {{ kind: "session", session: number, at_us: number, name: string, source: string, state: string, duration_us: number | null, exchanges: number, bytes: number }} SessionEntry */
/** @typedef {SendEntry & { request: Draft | null, hops: Hop[] }} SendDetail */
/** @typedef {{ items: (SendEntry | SessionEntry)[], next?: string | null }} HistoryPage */
/** @typedef {{ key: string, value?: string, type?: "default" | "secret", masked?: boolean, disabled?: boolean, description?: string | null }} Variable */
/** @typedef {{ id: number, name: string, active: boolean, variables: number }} EnvironmentItem */
/** @typedef {{ id: number, name: string, active?: boolean, variables: Variable[] }} Environment */
/**
 * @typedef {object} ConsoleHop
 * @property {string} [id]
 * @property {string} method
 * @property {string} url
 * @property {number | null} [status]
 * @property {string | null} [local]
 * @property {string | null} [remote]
 * @property {string | null} [proxy]
 * @property {{ version?: string, cipher?: string, alpn?: string | null, verified?: boolean | null, certificate?: { subject?: string, issuer?: string, not_after?: string | null } | null } | null} [tls]
 */
/**
 * @typedef {object} ConsoleEntry
 * @property {number} id
 * @property {number} at_us
 * @property {"log" | "warn" | "error"} level
 * @property {number | null} send
 * @property {string} title
 * @property {string | null} exchange
 * @property {UsedVariable[]} variables
 * @property {ConsoleHop[]} hops
 * @property {string[]} warnings
 * @property {SendError | null} error
 */

export {};
