//! Amounts in words (大写) as banknotes law writes them.

const DIGITS: [char; 10] = ['零', '壹', '贰', '叁', '肆', '伍', '陆', '柒', '捌', '玖'];
const PLACES: [&str; 4] = ["", "拾", "佰", "仟"];
const GROUPS: [&str; 4] = ["", "万", "亿", "万亿"];

/// `123456` (cents) → `1234.56`.
pub fn money_text(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    let cents = cents.unsigned_abs();
    format!("{sign}{}.{:02}", cents / 100, cents % 100)
}

/// An amount in words by 《正确填写票据和结算凭证的基本规定》: 整 after a whole number of yuan, none
/// after jiao or fen; 零 for every gap.
pub fn money_in_words(cents: i64) -> String {
    let mut out = String::new();
    if cents < 0 {
        out.push('负');
    }
    let cents = cents.unsigned_abs();
    let (yuan, jiao, fen) = (cents / 100, (cents / 10 % 10) as usize, (cents % 10) as usize);
    if yuan > 0 {
        out += &whole(yuan);
        out.push('元');
    }
    match (jiao, fen) {
        (0, 0) if yuan == 0 => out += "零元整",
        (0, 0) => out.push('整'),
        (0, fen) => {
            if yuan > 0 {
                out.push('零');
            }
            out.push(DIGITS[fen]);
            out.push('分');
        }
        (jiao, fen) => {
            out.push(DIGITS[jiao]);
            out.push('角');
            if fen > 0 {
                out.push(DIGITS[fen]);
                out.push('分');
            }
        }
    }
    out
}

fn whole(number: u64) -> String {
    let groups: Vec<u64> = (0..GROUPS.len() as u32).map(|i| number / 10_000u64.pow(i) % 10_000).collect();
    let mut out = String::new();
    let mut gap = false;
    for (i, group) in groups.iter().enumerate().rev() {
        // A group that does not begin in its thousands leaves a gap after what stands before it.
        gap |= !out.is_empty() && *group < 1000;
        if *group == 0 {
            continue;
        }
        let mut begun = false;
        for place in (0..4u32).rev() {
            let digit = (group / 10u64.pow(place) % 10) as usize;
            if digit == 0 {
                gap |= begun;
                continue;
            }
            if gap {
                out.push(DIGITS[0]);
            }
            (gap, begun) = (false, true);
            out.push(DIGITS[digit]);
            out += PLACES[place as usize];
        }
        // Zeros that end a group are not spoken.
        gap = false;
        out += GROUPS[i];
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_read_as_the_rules_for_bills_say() {
        for (cents, words) in [
            (0, "零元整"),
            (1, "壹分"),
            (50, "伍角"),
            (55, "伍角伍分"),
            (100, "壹元整"),
            (1_000, "壹拾元整"),
            (10_500, "壹佰零伍元整"),
            (100_500, "壹仟零伍元整"),
            (101_000, "壹仟零壹拾元整"),
            (1_000_000, "壹万元整"),
            (10_000_005, "壹拾万元零伍分"),
            (1_000_500, "壹万零伍元整"),
            (10_050_000, "壹拾万零伍佰元整"),
            (10_500_000, "壹拾万伍仟元整"),
            (100_000_000_000, "壹拾亿元整"),
            (10_000_000_100, "壹亿零壹元整"),
            (10_001_000_000, "壹亿零壹万元整"),
            (10_001_000_100, "壹亿零壹万零壹元整"),
            // The specimens of the rules themselves.
            (140_950, "壹仟肆佰零玖元伍角"),
            (600_714, "陆仟零柒元壹角肆分"),
            (168_032, "壹仟陆佰捌拾元叁角贰分"),
            (10_700_053, "壹拾万柒仟元伍角叁分"),
            (1_640_902, "壹万陆仟肆佰零玖元零贰分"),
            (32_504, "叁佰贰拾伍元零肆分"),
            (-100, "负壹元整"),
        ] {
            assert_eq!(money_in_words(cents), words, "{cents}");
        }
    }

    #[test]
    fn amounts_show_two_decimals() {
        assert_eq!(money_text(123_456), "1234.56");
        assert_eq!(money_text(5), "0.05");
        assert_eq!(money_text(-1_000), "-10.00");
    }
}
