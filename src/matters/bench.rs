//! How long the catalogue takes: reading and linting all matters (bound: 50 ms), one search
//! (bound: 5 ms), one form judged. `cargo bench -p matters`.

use std::{collections::BTreeMap, hint::black_box};

use criterion::{Criterion, criterion_group, criterion_main};
use matters::{Answers, Calendar, Catalogue, bundled, deadline, form, lint, search};

fn catalogue(c: &mut Criterion) {
    c.bench_function("load", |b| b.iter(|| Catalogue::parse("", black_box(bundled::FILES)).unwrap()));
    c.bench_function("load and check", |b| b.iter(|| assert!(lint::check(black_box(bundled::FILES)).is_empty())));
    let catalogue = Catalogue::bundled().unwrap();
    for query in ["gljt", "领钱的", "allowance"] {
        c.bench_function(&format!("search {query}"), |b| b.iter(|| search::find(&catalogue, black_box(query)).len()));
    }
    let answers = Answers::new();
    let situations = BTreeMap::new();
    let matter = catalogue.matter("M14").unwrap();
    let situation = form::Situation {
        answers: &answers,
        situations: &situations,
        applicant: None,
        capacity: None,
        today: jiff::civil::date(2026, 11, 23),
    };
    c.bench_function("judge a form", |b| b.iter(|| form::complaints(matter, black_box(&situation)).len()));
    let calendar = Calendar::bundled().unwrap();
    c.bench_function("due in 20 working days", |b| {
        b.iter(|| deadline::due(jiff::civil::date(2026, 2, 13), deadline::Period::working(20), &[], &calendar).unwrap())
    });
}

criterion_group!(benches, catalogue);
criterion_main!(benches);
