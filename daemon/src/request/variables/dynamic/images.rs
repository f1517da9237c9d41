//! Addresses of images.

use super::{Dynamic, Variable};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

pub(super) const ALL: &[Variable] = &[
    Variable("$randomAvatarImage", |d| format!("https://avatars.githubusercontent.com/u/{}", d.number(1, 99_999_999))),
    Variable("$randomImageUrl", |d| format!("{SIZED}/{}", d.pick(SUBJECTS))),
    Variable("$randomAbstractImage", |_| of("abstract")),
    Variable("$randomAnimalsImage", |_| of("animals")),
    Variable("$randomBusinessImage", |_| of("business")),
    Variable("$randomCatsImage", |_| of("cats")),
    Variable("$randomCityImage", |_| of("city")),
    Variable("$randomFoodImage", |_| of("food")),
    Variable("$randomNightlifeImage", |_| of("nightlife")),
    Variable("$randomFashionImage", |_| of("fashion")),
    Variable("$randomPeopleImage", |_| of("people")),
    Variable("$randomNatureImage", |_| of("nature")),
    Variable("$randomSportsImage", |_| of("sports")),
    Variable("$randomTransportImage", |_| of("transport")),
    Variable("$randomImageDataUri", data_uri),
];

const SUBJECTS: &[&str] =
    &["abstract", "animals", "business", "cats", "city", "food", "nature", "people", "sports", "transport"];

const SIZED: &str = "http://lorempixel.com/640/480";

fn of(subject: &str) -> String {
    format!("{SIZED}/{subject}")
}

/// A rectangle of some colour.
fn data_uri(d: &mut Dynamic) -> String {
    let svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" version=\"1.1\" width=\"640\" height=\"480\">\
         <rect width=\"100%\" height=\"100%\" fill=\"#{}\"/></svg>",
        d.hex(6)
    );
    format!("data:image/svg+xml;charset=UTF-8,{}", utf8_percent_encode(&svg, NON_ALPHANUMERIC))
}
