//! The certificate in every form that systems take.

use super::profile;
use http::HeaderValue;
use waylay_ca::Certificate;

/// A form of the certificate, named as its file ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Form {
    /// PEM text: programs, Firefox.
    Pem,
    /// PEM text under the name that Android, macOS and the scripts of Linux distributions look for.
    Crt,
    /// DER bytes: Windows.
    Cer,
    /// A configuration profile: iPhone and iPad.
    Mobileconfig,
}

impl Form {
    const ALL: [Self; 4] = [Self::Pem, Self::Crt, Self::Cer, Self::Mobileconfig];

    /// The form of a file `ca.…`.
    pub(super) fn named(file: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|form| file.strip_prefix("ca.") == Some(form.ending()))
    }

    /// The ending of its file's name.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Pem => "pem",
            Self::Crt => "crt",
            Self::Cer => "cer",
            Self::Mobileconfig => "mobileconfig",
        }
    }

    /// What systems open it by.
    pub(super) fn media_type(self) -> &'static str {
        match self {
            Self::Pem => "application/x-pem-file",
            Self::Crt | Self::Cer => "application/x-x509-ca-cert",
            Self::Mobileconfig => "application/x-apple-aspen-config",
        }
    }

    pub(super) fn disposition(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Pem => "attachment; filename=\"waylay-ca.pem\"",
            Self::Crt => "attachment; filename=\"waylay-ca.crt\"",
            Self::Cer => "attachment; filename=\"waylay-ca.cer\"",
            Self::Mobileconfig => "attachment; filename=\"waylay-ca.mobileconfig\"",
        })
    }

    /// The certificate in this form.
    pub fn bytes(self, certificate: &Certificate) -> Vec<u8> {
        match self {
            Self::Pem | Self::Crt => certificate.pem().into_bytes(),
            Self::Cer => certificate.der().to_vec(),
            Self::Mobileconfig => profile::profile(certificate).into_bytes(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_known_by_their_whole_names() {
        for form in Form::ALL {
            assert_eq!(Form::named(&format!("ca.{}", form.ending())), Some(form));
            assert!(form.disposition().to_str().unwrap().contains(&format!("waylay-ca.{}", form.ending())));
        }
        for other in ["", "ca", "ca.", "ca.key", "waylay-ca.key", "ca.pem/", "../ca.pem", "CA.PEM"] {
            assert_eq!(Form::named(other), None, "{other}");
        }
    }
}
