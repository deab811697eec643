//! Every code that a complaint can carry, with its arguments: texts have one sentence for each.

/// `(code, arguments)`, sorted by code. A complaint carries exactly the arguments of its code.
/// Arguments never hold what a person entered, only counts, bounds, positions and catalogue keys.
pub const CODES: &[(&str, &[&str])] = &[
    // The payee's account holds a sign that is no digit.
    ("account_character", &[]),
    // An account has 16 to 19 digits; `digits` were entered.
    ("account_length", &["digits", "min", "max"]),
    // Warning: the account does not pass the Luhn check, one digit may be wrong.
    ("account_luhn", &[]),
    // An address needs at least village, group and house.
    ("address_short", &["min"]),
    // No applicant: read a card or type the person.
    ("applicant_missing", &[]),
    // Area above the field's bound, in `unit` (sqm or mu).
    ("area_max", &["max", "unit"]),
    // No number with at most three decimals.
    ("area_shape", &[]),
    // The chosen band is not the one of the applicant's age.
    ("band_differs", &["band"]),
    // Warning: the birth date is not the one inside the person's own number.
    ("birth_differs", &[]),
    // Nobody said in what capacity the filing is made.
    ("capacity_missing", &[]),
    // Too many characters.
    ("chars_max", &["max", "entered"]),
    // A cross-check of the matter; `message` of the complaint says which and why.
    ("check", &[]),
    // A choice that the list does not have (any more).
    ("choice_unknown", &[]),
    // The village committee gave no officer, phone or reason.
    ("committee_part", &["part"]),
    // The date lies in the future.
    ("date_future", &[]),
    // The date lies before 1900.
    ("date_old", &[]),
    // No date: year-month-day.
    ("date_shape", &[]),
    // The declaration was not agreed to.
    ("declare_missing", &[]),
    // The value is not what the card says.
    ("differs_from_card", &[]),
    // Coordinates that are no place on earth.
    ("geo_range", &[]),
    // Warning: an adult has a guardian only when he lacks capacity; the paper must show it.
    ("guardian_adult", &[]),
    // The guardian is not an adult himself.
    ("guardian_minor", &[]),
    // The guardian's name, number or relation is missing or wrong.
    ("guardian_part", &["part"]),
    // The guardian is the applicant himself.
    ("guardian_same", &[]),
    // No member of the household is named.
    ("household_empty", &[]),
    // Two rows have the same number.
    ("household_twice", &["row"]),
    // The mandate does not name this matter.
    ("mandate_matter", &[]),
    // A part of the mandate is missing or wrong: name, number, phone, powers.
    ("mandate_part", &["part"]),
    // The mandate does not cover today, or runs longer than `days`.
    ("mandate_period", &["days"]),
    // The principal was not told that it costs nothing.
    ("mandate_told", &[]),
    // A grid row lacks this column or has a wrong value in it.
    ("member_column", &["row", "column"]),
    // A grid row has no usable name.
    ("member_name", &["row"]),
    // A grid row has a wrong citizen number.
    ("member_number", &["row"]),
    // A grid row names no relation.
    ("member_relation", &["row"]),
    // Between eight and sixteen the guardian files, or agrees.
    ("minor_guardian", &[]),
    // Warning: between sixteen and eighteen only who lives on his own work files for himself.
    ("minor_working", &[]),
    // More money than the field takes, in yuan.
    ("money_max", &["max"]),
    // Less money than the field takes, in yuan.
    ("money_min", &["min"]),
    // No amount with at most two decimals.
    ("money_shape", &[]),
    // A name holds a digit, a space or a sign at this place.
    ("name_character", &["at"]),
    // Warning: a name holds a private-use character that other systems may not show.
    ("name_private", &["at"]),
    // The notice (告知) was not given.
    ("notice_missing", &[]),
    // The birth date inside the citizen number is no date.
    ("number_birth", &[]),
    // A character that no citizen number has.
    ("number_character", &[]),
    // The last character does not fit: one of the others is mistyped.
    ("number_checksum", &[]),
    // An old number of 15 digits: ask for the new card.
    ("number_fifteen", &[]),
    // A citizen number has 18 characters.
    ("number_length", &["entered"]),
    // Warning: no province has the first digits of the number.
    ("number_region", &[]),
    // The resident must be there himself.
    ("person_needed", &[]),
    // Fewer pages than the material needs.
    ("pages_few", &["min", "have"]),
    // More pages than the material takes.
    ("pages_many", &["max", "have"]),
    // A page belongs to a material that this filing does not need.
    ("pages_unasked", &[]),
    // The payee has no bank.
    ("payee_bank", &[]),
    // The account belongs neither to the applicant nor to the guardian.
    ("payee_owner", &[]),
    // The payee has no owner.
    ("payee_owner_missing", &[]),
    // A mobile number has 11 digits, `missing` are not there yet.
    ("phone_missing_digits", &["missing"]),
    // Neither a mobile number nor an area code with a number.
    ("phone_shape", &[]),
    // Nobody may file this on behalf.
    ("proxy_forbidden", &[]),
    // The proxy is not an adult.
    ("proxy_minor", &[]),
    // Only a close relative or guardian may file this on behalf.
    ("proxy_relatives", &[]),
    // The proxy is the applicant himself.
    ("proxy_same", &[]),
    // A field that must be filled in.
    ("required", &[]),
    // Warning: outside the season of the matter.
    ("season_closed", &["from", "until"]),
    // Warning: the sex is not the one inside the person's own number.
    ("sex_differs", &[]),
    // An answer before the form ends the matter; `message` says why and where to go.
    ("situation_ends", &[]),
    // A question before the form is not answered.
    ("situation_missing", &[]),
    // A control character.
    ("text_character", &["at"]),
    // Nobody saw the resident in person (见面见证).
    ("witness_missing", &[]),
    // The value is of another kind than the field: an older version of the form.
    ("wrong_kind", &[]),
];
