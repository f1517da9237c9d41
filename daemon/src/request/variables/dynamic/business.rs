//! Companies, their departments and products.

use super::{Dynamic, Variable, people};

pub(super) const ALL: &[Variable] = &[
    Variable("$randomCompanyName", company),
    Variable("$randomCompanySuffix", |d| d.word(COMPANY)),
    Variable("$randomPrice", price),
    Variable("$randomProduct", |d| d.word(PRODUCTS)),
    Variable("$randomProductAdjective", |d| d.word(QUALITIES)),
    Variable("$randomProductMaterial", |d| d.word(MATERIALS)),
    Variable("$randomProductName", |d| format!("{} {} {}", d.pick(QUALITIES), d.pick(MATERIALS), d.pick(PRODUCTS))),
    Variable("$randomDepartment", |d| d.word(DEPARTMENTS)),
];

const COMPANY: &[&str] = &["Inc", "LLC", "Group", "and Sons"];

const PRODUCTS: &[&str] = &[
    "Chair", "Car", "Computer", "Keyboard", "Mouse", "Bike", "Ball", "Gloves", "Pants", "Shirt", "Table", "Shoes",
    "Hat", "Towels", "Soap", "Tuna", "Chicken", "Fish", "Cheese", "Bacon", "Pizza", "Salad", "Sausages", "Chips",
];

const QUALITIES: &[&str] = &[
    "Small",
    "Ergonomic",
    "Rustic",
    "Intelligent",
    "Gorgeous",
    "Incredible",
    "Fantastic",
    "Practical",
    "Sleek",
    "Awesome",
    "Generic",
    "Handcrafted",
    "Handmade",
    "Licensed",
    "Refined",
    "Unbranded",
    "Tasty",
];

const MATERIALS: &[&str] =
    &["Steel", "Wooden", "Concrete", "Plastic", "Cotton", "Granite", "Rubber", "Metal", "Soft", "Fresh", "Frozen"];

const DEPARTMENTS: &[&str] = &[
    "Books",
    "Movies",
    "Music",
    "Games",
    "Electronics",
    "Computers",
    "Home",
    "Garden",
    "Tools",
    "Grocery",
    "Health",
    "Beauty",
    "Toys",
    "Kids",
    "Baby",
    "Clothing",
    "Shoes",
    "Jewelery",
    "Sports",
    "Outdoors",
    "Automotive",
    "Industrial",
];

fn company(d: &mut Dynamic) -> String {
    match d.number(0, 2) {
        0 => format!("{} {}", d.pick(people::LAST), d.pick(COMPANY)),
        1 => format!("{} - {}", d.pick(people::LAST), d.pick(people::LAST)),
        _ => format!("{}, {} and {}", d.pick(people::LAST), d.pick(people::LAST), d.pick(people::LAST)),
    }
}

fn price(d: &mut Dynamic) -> String {
    let cents = d.number(0, 100_000);
    format!("{}.{:02}", cents / 100, cents % 100)
}
