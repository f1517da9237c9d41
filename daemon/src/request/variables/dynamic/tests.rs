use super::*;
use regex::Regex;
use std::collections::{BTreeSet, HashSet};

/// Chance that is the same each time (SplitMix64).
pub(crate) struct Counted(pub(crate) u64);

impl Random for Counted {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

pub(crate) fn counted() -> Dynamic {
    Dynamic::new("2026-03-29T14:00:00.123456+02:00[+02:00]".parse().unwrap(), Counted(0))
}

/// Those that say nothing of chance, and those that can only be one thing.
const SAME: [&str; 14] = [
    "$timestamp",
    "$isoTimestamp",
    "$randomAbstractImage",
    "$randomAnimalsImage",
    "$randomBusinessImage",
    "$randomCatsImage",
    "$randomCityImage",
    "$randomFoodImage",
    "$randomNightlifeImage",
    "$randomFashionImage",
    "$randomPeopleImage",
    "$randomNatureImage",
    "$randomSportsImage",
    "$randomTransportImage",
];

/// All names of Postman's documentation, in its order, and the shape of their values.
const SHAPES: [(&str, &str); 118] = [
    ("$guid", r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"),
    ("$timestamp", r"1774785600"),
    ("$isoTimestamp", r"2026-03-29T12:00:00\.123Z"),
    ("$randomUUID", r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"),
    ("$randomAlphaNumeric", r"[0-9a-z]"),
    ("$randomBoolean", r"true|false"),
    ("$randomInt", r"\d{1,3}|1000"),
    ("$randomColor", r"[a-z]+"),
    ("$randomHexColor", r##"#[0-9a-f]{6}"##),
    ("$randomAbbreviation", r"[A-Z]{2,4}"),
    ("$randomIP", r"((25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(25[0-5]|2[0-4]\d|1?\d?\d)"),
    ("$randomIPV6", r"([0-9a-f]{4}:){7}[0-9a-f]{4}"),
    ("$randomMACAddress", r"([0-9a-f]{2}:){5}[0-9a-f]{2}"),
    ("$randomPassword", r"[A-Za-z0-9]{15}"),
    ("$randomLocale", r"[a-z]{2}"),
    ("$randomUserAgent", r"Mozilla/5\.0 \([^()]+\) .+/[\d.]+"),
    ("$randomProtocol", r"https?"),
    ("$randomSemver", r"\d\.\d\.\d"),
    ("$randomFirstName", r"[A-Z][A-Za-z]+"),
    ("$randomLastName", r"[A-Z][A-Za-z]+"),
    ("$randomFullName", r"[A-Z][A-Za-z]+ [A-Z][A-Za-z]+"),
    ("$randomNamePrefix", r"[A-Z][a-z]{1,3}\.?"),
    ("$randomNameSuffix", r"[IV]{1,3}|[JS]r\.|MD|DDS|PhD|DVM"),
    ("$randomJobArea", r"[A-Z][A-Za-z]+"),
    ("$randomJobDescriptor", r"[A-Z][A-Za-z]+"),
    ("$randomJobTitle", r"[A-Z][A-Za-z]+ [A-Z][A-Za-z]+ [A-Z][A-Za-z]+"),
    ("$randomJobType", r"[A-Z][A-Za-z]+"),
    ("$randomPhoneNumber", r"\d{3}-\d{3}-\d{4}"),
    ("$randomPhoneNumberExt", r"\d\d-\d{3}-\d{3}-\d{4}"),
    ("$randomCity", r"[A-Z][a-z]+( [A-Z][a-z]+)?"),
    ("$randomStreetName", r"[A-Z][A-Za-z]+ [A-Z][A-Za-z]+"),
    ("$randomStreetAddress", r"\d{1,5} [A-Z][A-Za-z]+ [A-Z][A-Za-z]+"),
    ("$randomCountry", r"[A-Z][A-Za-z' ]+"),
    ("$randomCountryCode", r"[A-Z]{2}"),
    ("$randomLatitude", r"-?([0-8]?\d\.\d{4}|90\.0000)"),
    ("$randomLongitude", r"-?((1[0-7]|\d)?\d\.\d{4}|180\.0000)"),
    ("$randomAvatarImage", r"https://avatars\.githubusercontent\.com/u/\d{1,8}"),
    ("$randomImageUrl", r"http://lorempixel\.com/640/480/[a-z]+"),
    ("$randomAbstractImage", r"http://lorempixel\.com/640/480/abstract"),
    ("$randomAnimalsImage", r"http://lorempixel\.com/640/480/animals"),
    ("$randomBusinessImage", r"http://lorempixel\.com/640/480/business"),
    ("$randomCatsImage", r"http://lorempixel\.com/640/480/cats"),
    ("$randomCityImage", r"http://lorempixel\.com/640/480/city"),
    ("$randomFoodImage", r"http://lorempixel\.com/640/480/food"),
    ("$randomNightlifeImage", r"http://lorempixel\.com/640/480/nightlife"),
    ("$randomFashionImage", r"http://lorempixel\.com/640/480/fashion"),
    ("$randomPeopleImage", r"http://lorempixel\.com/640/480/people"),
    ("$randomNatureImage", r"http://lorempixel\.com/640/480/nature"),
    ("$randomSportsImage", r"http://lorempixel\.com/640/480/sports"),
    ("$randomTransportImage", r"http://lorempixel\.com/640/480/transport"),
    (
        "$randomImageDataUri",
        r"data:image/svg\+xml;charset=UTF-8,%3Csvg%20xmlns%3D%22http%3A%2F%2F[A-Za-z0-9%]+%3C%2Fsvg%3E",
    ),
    ("$randomBankAccount", r"\d{8}"),
    ("$randomBankAccountName", r"[A-Z][A-Za-z ]+ Account"),
    ("$randomCreditCardMask", r"\d{4}"),
    ("$randomBankAccountBic", r"[A-Z]{6}[A-Z1-9]{2}"),
    ("$randomBankAccountIban", r"[A-Z]{2}\d\d[A-Z0-9]{11,27}"),
    ("$randomTransactionType", r"deposit|withdrawal|payment|invoice"),
    ("$randomCurrencyCode", r"[A-Z]{3}"),
    ("$randomCurrencyName", r"[A-Z][A-Za-z ]+"),
    ("$randomCurrencySymbol", r"\S{1,2}"),
    ("$randomBitcoin", r"[13][1-9A-HJ-NP-Za-km-z]{25,33}"),
    (
        "$randomCompanyName",
        r"[A-Z][A-Za-z]+( (Inc|LLC|Group|and Sons)| - [A-Z][A-Za-z]+|, [A-Z][A-Za-z]+ and [A-Z][A-Za-z]+)",
    ),
    ("$randomCompanySuffix", r"Inc|LLC|Group|and Sons"),
    ("$randomBs", r"[a-z]+ [a-z0-9/-]+ [a-z-]+"),
    ("$randomBsAdjective", r"[a-z0-9/-]+"),
    ("$randomBsBuzz", r"[a-z]+"),
    ("$randomBsNoun", r"[a-z-]+"),
    ("$randomCatchPhrase", r"[A-Z][A-Za-z-]+ [0-9a-z -]+ [a-z -]+"),
    ("$randomCatchPhraseAdjective", r"[A-Z][A-Za-z-]+"),
    ("$randomCatchPhraseDescriptor", r"[0-9a-z -]+"),
    ("$randomCatchPhraseNoun", r"[a-z -]+"),
    ("$randomDatabaseColumn", r"[A-Za-z]+"),
    ("$randomDatabaseType", r"[a-z]+"),
    ("$randomDatabaseCollation", r"[a-z0-9]+(_[a-z]+)?_(ci|bin)"),
    ("$randomDatabaseEngine", r"[A-Za-z]+"),
    ("$randomDateFuture", r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} \d\d \d{4} \d\d:\d\d:\d\d GMT[+-]\d{4} \(.+\)"),
    ("$randomDatePast", r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} \d\d \d{4} \d\d:\d\d:\d\d GMT[+-]\d{4} \(.+\)"),
    ("$randomDateRecent", r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} \d\d \d{4} \d\d:\d\d:\d\d GMT[+-]\d{4} \(.+\)"),
    ("$randomWeekday", r"(Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"),
    ("$randomMonth", r"[A-Z][a-z]{2,8}"),
    ("$randomDomainName", r"[a-z]+\.(com|biz|info|name|net|org)"),
    ("$randomDomainSuffix", r"com|biz|info|name|net|org"),
    ("$randomDomainWord", r"[a-z]+"),
    ("$randomEmail", r"[A-Z][a-z]+([._][A-Z][a-z]+)?\d{0,2}@(gmail|yahoo|hotmail)\.com"),
    ("$randomExampleEmail", r"[A-Z][a-z]+([._][A-Z][a-z]+)?\d{0,2}@example\.(com|net|org)"),
    ("$randomUserName", r"[A-Z][a-z]+([._][A-Z][a-z]+)?\d{0,2}"),
    ("$randomUrl", r"https?://[a-z]+\.[a-z]+"),
    ("$randomFileName", r"[a-z0-9_]+\.[a-z0-9]+"),
    ("$randomFileType", r"[a-z]+"),
    ("$randomFileExt", r"[a-z0-9]+"),
    ("$randomCommonFileName", r"[a-z0-9_]+\.[a-z0-9]+"),
    ("$randomCommonFileType", r"application|audio|image|text|video"),
    ("$randomCommonFileExt", r"[a-z0-9]{3,5}"),
    ("$randomFilePath", r"(/[A-Za-z]+)+/[a-z0-9_]+\.[a-z0-9]+"),
    ("$randomDirectoryPath", r"(/[A-Za-z]+)+"),
    ("$randomMimeType", r"[a-z]+/[a-z0-9.+-]+"),
    ("$randomPrice", r"\d{1,3}\.\d\d|1000\.00"),
    ("$randomProduct", r"[A-Z][A-Za-z]+"),
    ("$randomProductAdjective", r"[A-Z][A-Za-z]+"),
    ("$randomProductMaterial", r"[A-Z][A-Za-z]+"),
    ("$randomProductName", r"[A-Z][A-Za-z]+ [A-Z][A-Za-z]+ [A-Z][A-Za-z]+"),
    ("$randomDepartment", r"[A-Z][A-Za-z]+"),
    ("$randomNoun", r"[a-z ]+"),
    ("$randomVerb", r"[a-z ]+"),
    ("$randomIngverb", r"[a-z]+ing( up)?"),
    ("$randomAdjective", r"[a-z0-9 -]+"),
    ("$randomWord", r"[A-Za-z0-9 -]+"),
    ("$randomWords", r"[A-Za-z0-9-]+( [A-Za-z0-9-]+)+"),
    ("$randomPhrase", r"[A-Z][a-z]+ .+!"),
    ("$randomLoremWord", r"[a-z]+"),
    ("$randomLoremWords", r"[a-z]+ [a-z]+ [a-z]+"),
    ("$randomLoremSentence", r"[A-Z][a-z]*( [a-z]+){2,9}\."),
    ("$randomLoremSentences", r"[A-Z][a-z]*( [a-z]+){2,9}\.( [A-Z][a-z]*( [a-z]+){2,9}\.){1,5}"),
    ("$randomLoremParagraph", r"[A-Z][a-z]*( [a-z]+){2,9}\.( [A-Z][a-z]*( [a-z]+){2,9}\.)+"),
    (
        "$randomLoremParagraphs",
        r"([A-Z][a-z]*( [a-z]+){2,9}\. ?)+\n([A-Z][a-z]*( [a-z]+){2,9}\. ?)+\n([A-Z][a-z]*( [a-z]+){2,9}\. ?)+",
    ),
    ("$randomLoremText", r"([A-Z][a-z]*( [a-z]+){2,9}\.[ \n]?)+"),
    ("$randomLoremSlug", r"[a-z]+-[a-z]+-[a-z]+"),
    ("$randomLoremLines", r"[A-Z][a-z]*( [a-z]+){2,9}\.(\n[A-Z][a-z]*( [a-z]+){2,9}\.){0,4}"),
];

#[test]
fn every_name_of_the_documentation_has_a_value_of_its_shape() {
    let mut dynamic = counted();
    for (name, shape) in SHAPES {
        let shape = Regex::new(&format!("^(?:{shape})$")).unwrap();
        let values: HashSet<_> = (0..200).map(|_| dynamic.value(name).unwrap_or_else(|| panic!("no {name}"))).collect();
        let wrong = values.iter().find(|value| !shape.is_match(value));
        assert_eq!(wrong, None, "{name} should be {shape}");
        assert_eq!(values.len() == 1, SAME.contains(&name), "{name}: {} values in 200", values.len());
    }
    let documented: BTreeSet<_> = SHAPES.iter().map(|(name, _)| *name).collect();
    assert_eq!(names().collect::<BTreeSet<_>>(), documented);
    assert_eq!(names().count(), documented.len());
    assert_eq!(["guid", "$GUID", "$", ""].map(is_known), [false; 4]);
}

#[test]
fn account_numbers_have_right_check_digits() {
    let mut dynamic = counted();
    for _ in 0..100 {
        let iban = dynamic.value("$randomBankAccountIban").unwrap();
        let (front, account) = iban.split_at(4);
        let digits: String = format!("{account}{front}").chars().map(|c| c.to_digit(36).unwrap().to_string()).collect();
        assert_eq!(digits.bytes().fold(0, |rest, digit| (rest * 10 + u64::from(digit - b'0')) % 97), 1, "{iban}");
        assert!((15..=31).contains(&iban.len()));
    }
}

#[test]
fn moments_are_on_their_side_of_now() {
    let mut dynamic = counted();
    let now = dynamic.now.clone();
    let year = jiff::Span::new().days(365);
    for (name, from, to) in [
        ("$randomDateFuture", &now, &(&now + year)),
        ("$randomDatePast", &(&now - year), &now),
        ("$randomDateRecent", &(&now - jiff::Span::new().hours(24)), &now),
    ] {
        for _ in 0..100 {
            let value = dynamic.value(name).unwrap();
            let parsed =
                jiff::Zoned::strptime("%a %b %d %Y %H:%M:%S GMT%z", value.split(" (").next().unwrap()).unwrap();
            assert!(parsed.timestamp().as_second() >= from.timestamp().as_second(), "{name}: {value}");
            assert!(parsed <= *to, "{name}: {value}");
        }
    }
}

#[test]
fn the_chance_of_the_system_is_never_the_same() {
    let mut random = SystemRandom::default();
    let numbers: HashSet<_> = (0..1000).map(|_| random.next()).collect();
    assert_eq!(numbers.len(), 1000);
}

#[test]
fn numbers_reach_both_ends() {
    let mut dynamic = counted();
    let numbers: BTreeSet<_> = (0..1000).map(|_| dynamic.number(3, 7)).collect();
    assert_eq!(numbers, BTreeSet::from([3, 4, 5, 6, 7]));
}
