//! Names and kinds of files.

use super::{Dynamic, Variable, words};

pub(super) const ALL: &[Variable] = &[
    Variable("$randomFileName", |d| name(d, EXTENSIONS)),
    Variable("$randomFileType", |d| {
        d.word(&["application", "audio", "font", "image", "message", "model", "multipart", "text", "video"])
    }),
    Variable("$randomFileExt", |d| d.word(EXTENSIONS)),
    Variable("$randomCommonFileName", |d| name(d, COMMON)),
    Variable("$randomCommonFileType", |d| d.word(&["application", "audio", "image", "text", "video"])),
    Variable("$randomCommonFileExt", |d| d.word(COMMON)),
    Variable("$randomFilePath", |d| format!("{}/{}", d.pick(DIRECTORIES), name(d, EXTENSIONS))),
    Variable("$randomDirectoryPath", |d| d.word(DIRECTORIES)),
    Variable("$randomMimeType", |d| d.word(MIME_TYPES)),
];

const COMMON: &[&str] = &[
    "gif", "htm", "html", "jpeg", "jpg", "m2v", "m3a", "mp2", "mp3", "mp4", "mp4v", "mpeg", "mpg", "pdf", "png",
    "shtml", "wav",
];

const EXTENSIONS: &[&str] = &[
    "book", "bz2", "cpio", "csv", "deb", "djvu", "dvi", "epub", "fsc", "gdoc", "gtar", "gv", "ics", "iso", "jar",
    "key", "latex", "mid", "mobi", "odt", "ogv", "otf", "pcap", "rdf", "rpm", "rss", "srt", "svg", "swf", "tex",
    "torrent", "vcf", "war", "webm", "xlsx", "xul", "yaml", "zip",
];

const DIRECTORIES: &[&str] = &[
    "/Applications",
    "/Library",
    "/Users",
    "/bin",
    "/boot",
    "/dev",
    "/etc",
    "/etc/mail",
    "/home",
    "/home/user",
    "/lib",
    "/media",
    "/mnt",
    "/opt",
    "/opt/bin",
    "/opt/share",
    "/private/tmp",
    "/proc",
    "/root",
    "/sbin",
    "/srv",
    "/sys",
    "/tmp",
    "/usr",
    "/usr/bin",
    "/usr/include",
    "/usr/lib",
    "/usr/local/bin",
    "/usr/local/src",
    "/usr/share",
    "/var",
    "/var/log",
    "/var/mail",
    "/var/spool",
    "/var/tmp",
];

const MIME_TYPES: &[&str] = &[
    "application/gzip",
    "application/json",
    "application/msword",
    "application/octet-stream",
    "application/pdf",
    "application/rtf",
    "application/vnd.ms-excel",
    "application/xml",
    "application/zip",
    "audio/flac",
    "audio/midi",
    "audio/mpeg",
    "audio/ogg",
    "audio/vnd.dts",
    "font/otf",
    "font/woff2",
    "image/avif",
    "image/bmp",
    "image/gif",
    "image/jpeg",
    "image/png",
    "image/svg+xml",
    "image/webp",
    "message/rfc822",
    "model/gltf+json",
    "text/calendar",
    "text/css",
    "text/csv",
    "text/html",
    "text/markdown",
    "text/plain",
    "video/h264",
    "video/mp4",
    "video/quicktime",
    "video/webm",
];

fn name(d: &mut Dynamic, extensions: &[&str]) -> String {
    let words = d.list(1, 3, |d| words::word(d).to_lowercase().replace([' ', '-', '/'], "_"), "_");
    format!("{words}.{}", d.pick(extensions))
}
