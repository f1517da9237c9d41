//! Accounts, cards, currencies.

use super::{Dynamic, Variable};

pub(super) const ALL: &[Variable] = &[
    Variable("$randomBankAccount", |d| d.digits(8)),
    Variable("$randomBankAccountName", |d| format!("{} Account", d.pick(ACCOUNTS))),
    Variable("$randomCreditCardMask", |d| d.digits(4)),
    Variable("$randomBankAccountBic", bic),
    Variable("$randomBankAccountIban", iban),
    Variable("$randomTransactionType", |d| d.word(&["deposit", "withdrawal", "payment", "invoice"])),
    Variable("$randomCurrencyCode", |d| d.pick(CURRENCIES).0.to_owned()),
    Variable("$randomCurrencyName", |d| d.pick(CURRENCIES).1.to_owned()),
    Variable("$randomCurrencySymbol", |d| {
        d.word(&["$", "£", "€", "¥", "₩", "₪", "₫", "₱", "₴", "₹", "kr", "zł", "Kč", "лв"])
    }),
    Variable("$randomBitcoin", bitcoin),
];

const ACCOUNTS: &[&str] =
    &["Checking", "Savings", "Money Market", "Investment", "Home Loan", "Credit Card", "Auto Loan", "Personal Loan"];

/// ISO 4217.
const CURRENCIES: &[(&str, &str)] = &[
    ("AED", "UAE Dirham"),
    ("ARS", "Argentine Peso"),
    ("AUD", "Australian Dollar"),
    ("BRL", "Brazilian Real"),
    ("CAD", "Canadian Dollar"),
    ("CDF", "Congolese Franc"),
    ("CHF", "Swiss Franc"),
    ("CLP", "Chilean Peso"),
    ("CNY", "Yuan Renminbi"),
    ("CZK", "Czech Koruna"),
    ("DKK", "Danish Krone"),
    ("EGP", "Egyptian Pound"),
    ("EUR", "Euro"),
    ("GBP", "Pound Sterling"),
    ("GNF", "Guinean Franc"),
    ("HUF", "Forint"),
    ("IDR", "Rupiah"),
    ("ILS", "New Israeli Sheqel"),
    ("INR", "Indian Rupee"),
    ("JPY", "Yen"),
    ("KES", "Kenyan Shilling"),
    ("KRW", "Won"),
    ("MXN", "Mexican Peso"),
    ("NGN", "Naira"),
    ("NIO", "Cordoba Oro"),
    ("NOK", "Norwegian Krone"),
    ("NZD", "New Zealand Dollar"),
    ("PEN", "Sol"),
    ("PLN", "Zloty"),
    ("SEK", "Swedish Krona"),
    ("SGD", "Singapore Dollar"),
    ("THB", "Baht"),
    ("TRY", "Turkish Lira"),
    ("USD", "US Dollar"),
    ("XPF", "CFP Franc"),
    ("ZAR", "Rand"),
];

const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// Countries with how many letters and then digits their account numbers have (ISO 13616).
const IBANS: &[(&str, u64, u64)] = &[
    ("NO", 0, 11),
    ("BE", 0, 12),
    ("DK", 0, 14),
    ("NL", 4, 10),
    ("AT", 0, 16),
    ("DE", 0, 18),
    ("GB", 4, 14),
    ("ES", 0, 20),
    ("PL", 0, 24),
];

fn bic(d: &mut Dynamic) -> String {
    format!("{}{}{}", d.string(LETTERS, 4), d.pick(IBANS).0, d.string(b"ABCDEFGHJKLMNPQRSTUVWXYZ123456789", 2))
}

/// With check digits that are right (ISO 7064, MOD 97-10).
fn iban(d: &mut Dynamic) -> String {
    let (country, letters, digits) = d.pick(IBANS);
    let account = d.string(LETTERS, letters) + &d.digits(digits);
    let value = |rest: u32, c: u8| match c {
        b'A'..=b'Z' => (rest * 100 + u32::from(c - b'A') + 10) % 97,
        digit => (rest * 10 + u32::from(digit - b'0')) % 97,
    };
    let check = 98 - account.bytes().chain(country.bytes()).chain(*b"00").fold(0, value);
    format!("{country}{check:02}{account}")
}

fn bitcoin(d: &mut Dynamic) -> String {
    const BASE58: &[u8] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    let length = d.number(25, 33);
    d.string(b"13", 1) + &d.string(BASE58, length)
}
