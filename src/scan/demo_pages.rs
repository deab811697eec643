//! Draws the photographs that the demo's camera plays: `demo-pages FONT-REGULAR FONT-BOLD OUT-DIR`.
//!
//! Plainly fictitious papers (样张) are drawn, laid slightly turned on a dark desk, lit from one side and given a camera's noise.
//! The same call draws the same bytes. No person, no face, no number of anybody stands in them.

use std::path::PathBuf;

use ab_glyph::{Font, FontVec, PxScale, ScaleFont, point};
use scan::square::Projection;
use scan::{Corners, Picture, jpeg::encode_at};

/// Pixels in a millimetre of the drawn paper: 165 dpi.
const MM: f32 = 6.5;
/// The face's line is this much higher than what is asked for, so that letters fill it.
const LINE: f32 = 1.25;
const INK: [u8; 3] = [38, 38, 44];
const FAINT: [u8; 3] = [120, 120, 128];
const RED: [u8; 3] = [206, 44, 48];
const BLUE: [u8; 3] = [36, 52, 130];

struct Sheet {
    picture: Picture,
    regular: FontVec,
    bold: FontVec,
}

impl Sheet {
    fn new(fonts: &(PathBuf, PathBuf), w_mm: f32, h_mm: f32, paper: [u8; 3]) -> Self {
        let font = |path: &PathBuf| FontVec::try_from_vec(std::fs::read(path).expect("font file")).expect("font");
        Self {
            picture: Picture::filled((w_mm * MM) as u32, (h_mm * MM) as u32, paper),
            regular: font(&fonts.0),
            bold: font(&fonts.1),
        }
    }

    fn dot(&mut self, x: i32, y: i32, colour: [u8; 3], cover: f32) {
        if x < 0 || y < 0 || x >= self.picture.w as i32 || y >= self.picture.h as i32 {
            return;
        }
        let at = (y as usize * self.picture.w as usize + x as usize) * 3;
        for (to, from) in self.picture.data[at..at + 3].iter_mut().zip(colour) {
            *to = (f32::from(*to) + (f32::from(from) - f32::from(*to)) * cover.clamp(0.0, 1.0)) as u8;
        }
    }

    fn width(&self, text: &str, size: f32, bold: bool) -> f32 {
        let font = if bold { &self.bold } else { &self.regular };
        let scaled = font.as_scaled(PxScale::from(size * MM * LINE));
        text.chars().map(|c| scaled.h_advance(font.glyph_id(c))).sum::<f32>() / MM
    }

    /// Text with its top left at a place in millimetres; `size` is the height of the line in millimetres.
    fn text(&mut self, x: f32, y: f32, size: f32, colour: [u8; 3], bold: bool, text: &str) {
        let scale = PxScale::from(size * MM * LINE);
        let mut dots = Vec::new();
        {
            let font = if bold { &self.bold } else { &self.regular };
            let scaled = font.as_scaled(scale);
            let (mut at, base) = (x * MM, y * MM + scaled.ascent());
            for c in text.chars() {
                let id = font.glyph_id(c);
                if let Some(outline) = font.outline_glyph(id.with_scale_and_position(scale, point(at, base))) {
                    let bounds = outline.px_bounds();
                    outline.draw(|px, py, cover| {
                        dots.push((bounds.min.x as i32 + px as i32, bounds.min.y as i32 + py as i32, cover))
                    });
                }
                at += scaled.h_advance(id);
            }
        }
        for (px, py, cover) in dots {
            self.dot(px, py, colour, cover);
        }
    }

    fn title(&mut self, y: f32, size: f32, text: &str) {
        let x = (self.picture.w as f32 / MM - self.width(text, size, true)) / 2.0;
        self.text(x, y, size, INK, true, text);
    }

    fn fill(&mut self, x: f32, y: f32, w: f32, h: f32, colour: [u8; 3]) {
        for py in (y * MM) as i32..((y + h) * MM) as i32 {
            for px in (x * MM) as i32..((x + w) * MM) as i32 {
                self.dot(px, py, colour, 1.0);
            }
        }
    }

    fn rule(&mut self, x: f32, y: f32, w: f32, h: f32) {
        self.fill(x, y, w.max(0.3), h.max(0.3), INK);
    }

    fn frame(&mut self, x: f32, y: f32, w: f32, h: f32) {
        self.rule(x, y, w, 0.0);
        self.rule(x, y + h, w + 0.3, 0.0);
        self.rule(x, y, 0.0, h);
        self.rule(x + w, y, 0.0, h);
    }

    /// Rows of cells; the first row is the head.
    fn table(&mut self, x: f32, y: f32, columns: &[f32], row: f32, rows: &[&[&str]]) {
        let width: f32 = columns.iter().sum();
        for (i, cells) in rows.iter().enumerate() {
            let top = y + row * i as f32;
            self.rule(x, top, width, 0.0);
            let mut left = x;
            for (cell, column) in cells.iter().zip(columns) {
                self.text(left + 1.5, top + row * 0.14, row * 0.66, INK, i == 0, cell);
                left += column;
            }
        }
        let height = row * rows.len() as f32;
        self.rule(x, y + height, width, 0.0);
        let mut left = x;
        for column in columns.iter().chain([&0.0]) {
            self.rule(left, y, 0.0, height);
            left += column;
        }
    }

    /// A round seal with a star and a line of text, a little worn.
    fn seal(&mut self, cx: f32, cy: f32, text: &str) {
        let radius = 19.0;
        let mut chance = Chance(u64::from(text.len() as u32) * 77 + 5);
        for py in ((cy - radius - 1.0) * MM) as i32..((cy + radius + 1.0) * MM) as i32 {
            for px in ((cx - radius - 1.0) * MM) as i32..((cx + radius + 1.0) * MM) as i32 {
                let (dx, dy) = (px as f32 / MM - cx, py as f32 / MM - cy);
                let (r, angle) = (dx.hypot(dy), dx.atan2(-dy));
                let ring = (r - radius).abs() < 0.6;
                // Five points: the radius of the outline swings five times a turn.
                let fifth = std::f32::consts::TAU / 5.0;
                let swing = ((angle.rem_euclid(fifth)) / fifth - 0.5).abs() * 2.0;
                let star = r < 2.4 / (0.38 + 0.62 * (1.0 - swing)) && r < 5.6;
                if (ring || star) && chance.unit() > 0.06 {
                    self.dot(px, py, RED, 0.82);
                }
            }
        }
        let size = 4.6;
        let x = cx - self.width(text, size, true) / 2.0;
        self.text(x, cy + 7.5, size, RED, true, text);
    }

    /// A signature: a pen's loops, nobody's.
    fn scrawl(&mut self, x: f32, y: f32, seed: u64) {
        let mut chance = Chance(seed);
        let swing: Vec<f32> = (0..6).map(|_| chance.unit() * 2.0 - 1.0).collect();
        for i in 0..2600 {
            let t = i as f32 / 2600.0;
            let px = x + 34.0 * t + 2.2 * (t * 31.0 + swing[0]).sin();
            let py = y + 4.5 * (t * 23.0 + swing[1]).sin() * (1.0 - 0.4 * t) + 2.0 * (t * 57.0 + swing[2]).cos();
            for dy in -2..=2 {
                for dx in -2..=2 {
                    if dx * dx + dy * dy <= 4 {
                        self.dot((px * MM) as i32 + dx, (py * MM) as i32 + dy, BLUE, 0.85);
                    }
                }
            }
        }
    }

    fn stamp_sample(&mut self) {
        let (w, h) = (self.picture.w as f32 / MM, self.picture.h as f32 / MM);
        self.text(w - 36.0, h - 12.0, 5.0, FAINT, true, "样张 · 非真实");
    }
}

/// A small generator of its own, so that the same call draws the same bytes for ever.
struct Chance(u64);

impl Chance {
    fn unit(&mut self) -> f32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 40) as f32) / (1u64 << 24) as f32
    }
}

fn paragraph(sheet: &mut Sheet, x: f32, mut y: f32, size: f32, width: usize, text: &str) -> f32 {
    let letters: Vec<char> = text.chars().collect();
    let mut from = 0;
    while from < letters.len() {
        let mut to = (from + width).min(letters.len());
        // No line begins with a mark that ends a clause.
        while to < letters.len() && "，。；、：".contains(letters[to]) {
            to += 1;
        }
        sheet.text(x, y, size, INK, false, &letters[from..to].iter().collect::<String>());
        y += size * 1.7;
        from = to;
    }
    y
}

fn sheets(fonts: &(PathBuf, PathBuf)) -> Vec<(&'static str, Sheet)> {
    let a4 = |paper| Sheet::new(fonts, 210.0, 297.0, paper);
    let mut all = Vec::new();

    let mut s = Sheet::new(fonts, 210.0, 148.0, [252, 246, 238]);
    s.title(8.0, 8.0, "医疗住院收费票据（样张）");
    s.text(14.0, 22.0, 4.6, INK, false, "票据代码：00000000    票据号码：0000000001    开票日期：2026-10-18");
    s.text(14.0, 30.0, 4.6, INK, false, "交款人：张样本    性别：男    住院号：YZ-000123    业务流水号：样张0001");
    s.table(
        14.0,
        39.0,
        &[62.0, 30.0, 60.0, 30.0],
        9.0,
        &[
            &["项目名称", "金额/元", "项目名称", "金额/元"],
            &["床位费", "560.00", "检查费", "812.00"],
            &["诊查费", "140.00", "化验费", "466.50"],
            &["护理费", "210.00", "西药费", "1,935.20"],
            &["治疗费", "388.00", "卫生材料费", "240.30"],
        ],
    );
    s.text(14.0, 90.0, 5.4, INK, true, "金额合计（大写）肆仟柒佰伍拾贰元整    （小写）4,752.00");
    s.text(14.0, 100.0, 4.6, INK, false, "医保统筹支付：0.00    个人现金支付：4,752.00    医保类型：城乡居民（自费先行）");
    s.text(14.0, 118.0, 4.6, INK, false, "收款单位：样本县样本医院（章）    复核人：样一    收款人：样二");
    s.seal(158.0, 112.0, "样张专用章");
    all.push(("01-receipt", s));

    let mut s = a4([250, 250, 248]);
    s.title(16.0, 9.0, "住院费用清单（样张）");
    s.text(
        16.0,
        32.0,
        4.8,
        INK,
        false,
        "姓名：张样本    住院号：YZ-000123    科室：内科样本病区    入院至出院：10月11日—10月18日",
    );
    let rows: &[&[&str]] = &[
        &["序号", "项目", "规格", "数量", "单价", "金额"],
        &["1", "普通床位费", "日", "7", "80.00", "560.00"],
        &["2", "住院诊查费", "日", "7", "20.00", "140.00"],
        &["3", "二级护理", "日", "7", "30.00", "210.00"],
        &["4", "静脉输液", "次", "14", "12.00", "168.00"],
        &["5", "雾化吸入", "次", "10", "22.00", "220.00"],
        &["6", "胸部正位片", "次", "1", "92.00", "92.00"],
        &["7", "心脏彩色超声", "次", "1", "240.00", "240.00"],
        &["8", "CT 平扫（胸部）", "次", "1", "480.00", "480.00"],
        &["9", "血常规", "项", "3", "25.50", "76.50"],
        &["10", "生化全套", "项", "2", "195.00", "390.00"],
        &["11", "头孢样本注射液", "1g", "28", "38.40", "1,075.20"],
        &["12", "氨溴样本片", "30mg", "2", "16.50", "33.00"],
        &["13", "样本胶囊", "盒", "9", "91.89", "827.00"],
        &["14", "一次性输液器", "套", "14", "6.45", "90.30"],
        &["15", "一次性雾化器", "套", "10", "15.00", "150.00"],
    ];
    s.table(16.0, 44.0, &[16.0, 62.0, 24.0, 20.0, 26.0, 30.0], 10.5, rows);
    s.text(16.0, 222.0, 5.4, INK, true, "合计：4,752.00 元");
    s.text(16.0, 238.0, 4.6, FAINT, false, "本清单为演示样张，项目与金额均为虚构。");
    s.seal(160.0, 240.0, "收费样张章");
    s.stamp_sample();
    all.push(("02-itemised-list", s));

    let mut s = a4([251, 250, 246]);
    s.title(20.0, 11.0, "诊断证明书（样张）");
    s.text(20.0, 44.0, 5.6, INK, false, "姓名：张样本        性别：男        年龄：68 岁");
    s.text(20.0, 56.0, 5.6, INK, false, "门诊／住院号：YZ-000123        科别：内科");
    s.text(20.0, 74.0, 6.0, INK, true, "临床诊断：");
    let y = paragraph(&mut s, 28.0, 86.0, 5.6, 26, "1. 社区获得性肺炎（样例）；2. 高血压病（样例）。");
    s.text(20.0, y + 8.0, 6.0, INK, true, "处理意见：");
    paragraph(
        &mut s,
        28.0,
        y + 20.0,
        5.6,
        26,
        "住院治疗七日，好转出院。建议休息两周，两周后门诊复查，继续口服药物，不适随诊。本证明为演示样张，仅供软件演示使用，不作为任何诊疗与报销依据。",
    );
    s.text(110.0, 196.0, 5.6, INK, false, "医师签名：");
    s.scrawl(142.0, 200.0, 11);
    s.text(110.0, 214.0, 5.6, INK, false, "2026 年 10 月 18 日");
    s.seal(138.0, 216.0, "诊断样张章");
    s.stamp_sample();
    all.push(("03-diagnosis", s));

    let mut s = a4([248, 249, 250]);
    s.title(16.0, 9.0, "出院记录（样张）");
    s.text(18.0, 34.0, 5.0, INK, false, "姓名：张样本    科室：内科样本病区    床号：12    住院号：YZ-000123");
    s.rule(18.0, 43.0, 174.0, 0.0);
    let mut y = 48.0;
    for (head, text) in [
        ("入院情况", "因咳嗽、咳痰五天，发热两天入院。查体：体温三十八度四，双肺呼吸音粗，右下肺可闻及少许湿啰音，余无特殊。"),
        (
            "诊疗经过",
            "入院后完善血常规、生化、胸部影像等检查，予抗感染、化痰、雾化吸入等治疗，体温三日后恢复正常，咳嗽明显减轻，复查影像较前吸收。",
        ),
        ("出院情况", "一般情况好，体温正常，无明显咳嗽、咳痰，双肺呼吸音清。血压控制平稳。"),
        ("出院医嘱", "一、注意休息，避免受凉。二、继续口服药物七日。三、两周后门诊复查。四、如有发热、气促，立即就诊。"),
    ] {
        s.text(18.0, y, 5.6, INK, true, head);
        y = paragraph(&mut s, 18.0, y + 9.0, 5.0, 34, text) + 5.0;
    }
    s.text(120.0, y + 10.0, 5.2, INK, false, "记录医师：");
    s.scrawl(148.0, y + 14.0, 23);
    s.stamp_sample();
    all.push(("04-record", s));

    let mut s = a4([252, 252, 252]);
    s.title(18.0, 8.0, "社会保障卡（银行账户）复印件样张");
    s.fill(60.0, 60.0, 85.6, 54.0, [196, 214, 226]);
    s.frame(60.0, 60.0, 85.6, 54.0);
    s.text(66.0, 65.0, 5.4, BLUE, true, "样本农村商业银行");
    s.fill(68.0, 78.0, 12.0, 9.0, [206, 182, 120]);
    s.text(66.0, 93.0, 6.2, INK, true, "0000 0000 0000 0000");
    s.text(66.0, 104.0, 4.4, INK, false, "张样本    有效期至 00/00");
    s.text(30.0, 134.0, 5.2, INK, false, "开户名：张样本");
    s.text(30.0, 145.0, 5.2, INK, false, "开户银行：样本农村商业银行石榴村分理处");
    s.text(30.0, 156.0, 5.2, INK, false, "用途：仅供演示，账号全部为零。");
    s.text(30.0, 186.0, 5.2, INK, false, "本人确认：");
    s.scrawl(60.0, 190.0, 31);
    s.stamp_sample();
    all.push(("05-bank-card", s));

    let mut s = a4([250, 248, 243]);
    s.title(20.0, 11.0, "授权委托书（样张）");
    let y = paragraph(
        &mut s,
        20.0,
        46.0,
        5.8,
        28,
        "委托人：李样例（女），住样本县石榴镇石榴村样本组。受托人：李样本，与委托人系母子关系。",
    );
    let y = paragraph(
        &mut s,
        20.0,
        y + 6.0,
        5.8,
        28,
        "　　委托人因年事已高、行动不便，现委托受托人到石榴村便民服务点代为办理高龄津贴申领事项，代为填写申请、递交材料、签收文书。受托人在上述范围内签署的文件，委托人均予认可。",
    );
    let y = paragraph(&mut s, 20.0, y + 6.0, 5.8, 28, "　　委托期限：自签字之日起三十日。受托人无转委托权。本委托书为演示样张。");
    s.text(20.0, y + 16.0, 5.8, INK, false, "委托人（签字、捺印）：");
    s.scrawl(90.0, y + 20.0, 41);
    for i in 0..9 {
        // A finger's print as rings, nobody's.
        for step in 0..360 {
            let angle = step as f32 * std::f32::consts::PI / 180.0;
            let r = 0.8 + 0.75 * i as f32;
            s.dot(((140.0 + r * 0.8 * angle.cos()) * MM) as i32, ((y + 20.0 + r * angle.sin()) * MM) as i32, RED, 0.7);
            s.dot(((140.0 + r * 0.8 * angle.cos()) * MM) as i32 + 1, ((y + 20.0 + r * angle.sin()) * MM) as i32, RED, 0.7);
        }
    }
    s.text(20.0, y + 36.0, 5.8, INK, false, "受托人（签字）：");
    s.scrawl(90.0, y + 40.0, 43);
    s.text(20.0, y + 56.0, 5.8, INK, false, "2026 年 11 月 2 日");
    s.stamp_sample();
    all.push(("06-mandate", s));

    let mut s = Sheet::new(fonts, 148.0, 210.0, [250, 250, 250]);
    s.title(14.0, 8.0, "近期照片粘贴页（样张）");
    s.fill(44.0, 40.0, 60.0, 80.0, [222, 228, 234]);
    s.frame(44.0, 40.0, 60.0, 80.0);
    s.text(56.0, 74.0, 7.0, FAINT, true, "照片占位");
    s.text(60.0, 86.0, 5.0, FAINT, false, "无人像");
    s.text(30.0, 136.0, 5.2, INK, false, "姓名：李样例");
    s.text(30.0, 148.0, 5.2, INK, false, "拍摄日期：2026 年 11 月 2 日");
    s.text(30.0, 160.0, 5.2, INK, false, "见证人：");
    s.scrawl(54.0, 164.0, 53);
    s.stamp_sample();
    all.push(("07-portrait-placeholder", s));

    let mut s = Sheet::new(fonts, 143.0, 210.0, [240, 236, 222]);
    s.title(10.0, 7.0, "常住人口登记卡（样张）");
    s.table(
        8.0,
        24.0,
        &[30.0, 34.0, 28.0, 35.0],
        10.0,
        &[
            &["姓名", "李样例", "户主或关系", "户主"],
            &["曾用名", "——", "性别", "女"],
            &["出生地", "样本县", "民族", "测试族"],
            &["籍贯", "样本县", "出生日期", "样例"],
            &["证件编号", "0000（样张）", "宗教信仰", "——"],
            &["文化程度", "——", "婚姻状况", "——"],
            &["服务处所", "——", "职业", "务农"],
        ],
    );
    s.rule(0.0, 105.0, 143.0, 0.0);
    s.text(10.0, 114.0, 5.0, INK, false, "登记事项变更和更正记载（样张，空白）");
    s.table(
        8.0,
        124.0,
        &[50.0, 40.0, 37.0],
        10.0,
        &[&["事项", "日期", "承办人"], &["——", "——", "——"], &["——", "——", "——"], &["——", "——", "——"]],
    );
    s.seal(110.0, 180.0, "户口样张章");
    all.push(("08-booklet", s));
    all
}

/// Light, desk and camera: 2000 × 1500.
fn photograph(sheet: &Picture, corners: &Corners, seed: u64) -> Picture {
    let (w, h) = (2000u32, 1500u32);
    let back = Projection::from_unit(corners).and_then(|map| map.inverse()).expect("corners");
    let mut chance = Chance(seed);
    let (slant, falloff) = (chance.unit() - 0.5, 0.18 + 0.12 * chance.unit());
    let desk = [[54.0, 46.0, 40.0], [40.0, 44.0, 50.0], [62.0, 54.0, 44.0]][(seed % 3) as usize];
    let grain: Vec<f32> = (0..h).map(|_| chance.unit() * 5.0).collect();
    let mut data = Vec::with_capacity((w * h * 3) as usize);
    for y in 0..h {
        for x in 0..w {
            let (fx, fy) = (f64::from(x), f64::from(y));
            let mut colour = [0.0f32; 3];
            // Four samples a pixel: thin strokes would break otherwise.
            for (ox, oy) in [(-0.25, -0.25), (0.25, -0.25), (-0.25, 0.25), (0.25, 0.25)] {
                let [u, v] = back.map(fx + ox, fy + oy);
                let inside = (0.0..1.0).contains(&u) && (0.0..1.0).contains(&v);
                let seen = if inside {
                    let at = sheet.at((u * f64::from(sheet.w)) as u32, (v * f64::from(sheet.h)) as u32);
                    at.map(f32::from)
                } else {
                    // The sheet's shadow falls to the lower right.
                    let [su, sv] = back.map(fx - 7.0, fy - 9.0);
                    let gap = (-su).max(su - 1.0).max(-sv).max(sv - 1.0).max(0.0) as f32;
                    let shade = 1.0 - 0.5 * (1.0 - (gap * 60.0).min(1.0));
                    desk.map(|d: f32| (d + grain[y as usize] + 2.5 * ((fx * 0.021).sin() as f32)) * shade)
                };
                for (sum, v) in colour.iter_mut().zip(seen) {
                    *sum += v / 4.0;
                }
            }
            let (dx, dy) = (fx as f32 / w as f32 - 0.5, fy as f32 / h as f32 - 0.5);
            let light = 0.97 + 0.22 * slant * dx - 0.08 * dy - falloff * (dx * dx + dy * dy);
            let noise = (chance.unit() + chance.unit() - 1.0) * 3.2;
            for (v, warm) in colour.into_iter().zip([1.0, 0.985, 0.95]) {
                data.push((v * light * warm + noise).clamp(0.0, 255.0) as u8);
            }
        }
    }
    Picture::rgb(w, h, data).expect("size")
}

/// The sheet in the middle, turned and seen a little from the side.
fn laid(sheet: &Picture, turn: f32, tilt: f32, cover: f32) -> Corners {
    let (w, h) = (sheet.w as f32, sheet.h as f32);
    let scale = (1500.0 * cover / h).min(2000.0 * cover / w);
    [[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]].map(|[x, y]: [f32; 2]| {
        let (x, y) = (x * w * scale, y * h * scale);
        let (x, y) = (x * turn.cos() - y * turn.sin(), x * turn.sin() + y * turn.cos());
        let depth = 1.0 + tilt * y / 1500.0;
        [1000.0 + x / depth, 750.0 + y / depth]
    })
}

fn main() {
    let mut args = std::env::args_os().skip(1).map(PathBuf::from);
    let (Some(regular), Some(bold), Some(out)) = (args.next(), args.next(), args.next()) else {
        panic!("demo-pages FONT-REGULAR FONT-BOLD OUT-DIR");
    };
    for (i, (name, sheet)) in sheets(&(regular, bold)).into_iter().enumerate() {
        let turn = [0.02, -0.035, 0.05, -0.015, 0.03, -0.05, 0.06, -0.025][i % 8];
        let corners = laid(&sheet.picture, turn, [0.03, -0.04, 0.05, 0.02][i % 4], 0.88);
        let photo = photograph(&sheet.picture, &corners, 100 + i as u64);
        let jpeg = [84, 78, 72, 66]
            .into_iter()
            .filter_map(|quality| encode_at(&photo, quality).ok())
            .find(|jpeg| jpeg.len() < 400_000)
            .expect("under 400 kB");
        std::fs::write(out.join(format!("{name}.jpg")), jpeg).expect("written");
    }
}
