//! Waylay as a user meets it: every test has a daemon, a data folder, origins and ports of its own.
//!
//! One binary with a module per behaviour, because linking is what takes the time. Modules named `security_*` hold
//! the rows of the security table by number.

// A test that cannot run on this system says so on standard output.
#![allow(clippy::print_stdout)]

mod aborted_uploads;
mod api;
mod bad_input;
mod benchmark;
mod big_bodies;
mod browser;
mod commands;
mod connections;
mod cut_off;
mod deleting;
mod failures;
mod fidelity_expect;
mod fidelity_heads;
mod fidelity_requests;
mod fidelity_responses;
mod framing;
mod greetings;
mod heads;
mod ids;
mod load;
mod message_commands;
mod messages;
mod old_origins;
mod own_certificates;
mod passthrough;
mod pinning;
mod processes;
mod programs;
mod proxy_behind_proxy;
mod proxy_switch;
mod recording_rules;
mod retries;
mod run;
mod run_ends;
mod security_01_dns_rebinding;
mod security_02_cross_site_requests;
mod security_03_cross_site_streams;
mod security_05_loopback_only;
mod security_06_own_api;
mod security_07_loops;
mod security_08_ca_key;
mod security_09_leaves;
mod security_13_half_open;
mod security_13_header_bombs;
mod security_13_http2_floods;
mod security_13_slow_heads;
mod security_14_endless_bodies;
mod security_15_request_smuggling;
mod security_15_response_smuggling;
mod security_16_bytes_in_heads;
mod security_17_odd_tls;
mod security_18_upstream_certificates;
mod security_19_filters;
mod security_19_sql;
mod security_20_regex;
mod security_22_data_folder;
mod security_23_second_daemon;
mod security_24_store;
mod security_26_kill;
mod security_27_descriptors;
mod security_28_broken_bodies;
mod security_29_raw_tunnels;
mod security_32_secrets_in_logs;
mod sending_again;
mod sessions;
mod shutdown;
mod streaming;
mod telemetry;
mod trailers;
mod tunnels;
mod unrecorded;
mod versions;
mod web_ui;
mod web_ui_files;
mod web_ui_live;
mod web_ui_messages;
mod web_ui_rules;
mod web_ui_sessions;
mod websockets;
