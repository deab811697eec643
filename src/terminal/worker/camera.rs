//! The camera's thread, which does everything with pictures: unpacks, finds, squares, judges, packs.
//! The window only sets textures.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        mpsc::{Receiver, SyncSender, TryRecvError},
    },
    time::Duration,
};

use camera::CameraConfig;
use devices::{Camera, CameraEvent, FolderCamera, Kind, Trouble};
use egui::ColorImage;
use matters::{Digest, PageRef};
use scan::{
    Found, Issue,
    still::{Ready, Stillness},
    twin::Print,
};
use uuid::Uuid;

use super::{
    Post,
    card::GAVE_UP,
    patience::supervise,
    slot::{Preview, Slot},
    watermark,
};
use crate::{
    clock::Stopwatch,
    config::{CameraChoice, Devices},
    speech::{CameraFact, CameraOrder, Fact, Make, Order, Spot},
};

/// The preview as the window shows it: larger ones only cost.
const PREVIEW_W: u32 = 960;
const PREVIEW_H: u32 = 540;
/// Bounds of the still as it is shown for its corners: finer than the preview.
const STILL_W: u32 = 1600;
const STILL_H: u32 = 1200;
/// Enough to lay paper straight.
const PREVIEW_EVERY: Duration = Duration::from_millis(100);
/// A specimen lies still for a while, as paper under a camera does.
const SPECIMEN_EVERY: Duration = Duration::from_secs(2);
const PATIENCE: Duration = Duration::from_millis(50);
/// While the preview is off the thread wakes this often to hear its orders.
const IDLE: Duration = Duration::from_secs(3600);
const BAD_PICTURE: &str = "picture_unreadable";

pub fn run(
    devices: &Devices,
    keep_frames: bool,
    orders: &Receiver<CameraOrder>,
    records: &SyncSender<Order>,
    post: &Post,
    preview: &Arc<Slot<Preview>>,
) {
    // Kept over a restart: the page that was just taken can still be squared by hand.
    let mut still: Option<Vec<u8>> = None;
    supervise(
        || {
            let mut desk = Desk {
                camera: open(devices),
                orders,
                records,
                post,
                preview,
                still: &mut still,
                on: false,
                aim: None,
                due: Duration::ZERO,
                stillness: Stillness::default(),
                watch: Stopwatch::start(),
                taken: Vec::new(),
                lamp: None,
                keep_frames,
            };
            desk.look_ahead(&devices.camera);
            desk.work();
        },
        || {
            post.send(Fact::Camera(CameraFact::Lamp { camera: String::new(), trouble: Some(GAVE_UP) }));
            // Pictures that exist can still be turned; nothing new is taken.
            let mut desk = Desk {
                camera: None,
                orders,
                records,
                post,
                preview,
                still: &mut None,
                on: false,
                aim: None,
                due: Duration::ZERO,
                stillness: Stillness::default(),
                watch: Stopwatch::start(),
                taken: Vec::new(),
                lamp: None,
                keep_frames,
            };
            desk.work();
        },
    );
}

fn open(devices: &Devices) -> Option<Box<dyn Camera>> {
    match &devices.camera {
        CameraChoice::Off => None,
        CameraChoice::Folder(folder) => {
            let every = devices.camera_every_ms.map_or(SPECIMEN_EVERY, |ms| Duration::from_millis(ms.into()));
            Some(Box::new(FolderCamera::new(folder.clone(), every)))
        }
        CameraChoice::Nokhwa => Some(Box::new(camera::open(child()))),
    }
}

/// The program itself, as the process that may hang.
pub(crate) fn child() -> CameraConfig {
    let program = std::env::current_exe().unwrap_or_else(|_| PathBuf::from("village-terminal"));
    CameraConfig::new(program, vec!["camera-child".into()])
}

struct Aim {
    draft: Uuid,
    material: String,
    spot: Spot,
    make: Make,
}

struct Desk<'a> {
    camera: Option<Box<dyn Camera>>,
    orders: &'a Receiver<CameraOrder>,
    records: &'a SyncSender<Order>,
    post: &'a Post,
    preview: &'a Arc<Slot<Preview>>,
    /// The last still, for squaring it again by hand.
    still: &'a mut Option<Vec<u8>>,
    on: bool,
    /// Where the still that was asked for goes.
    aim: Option<Aim>,
    /// When the next frame is shown, by `watch`.
    due: Duration,
    /// Whether the page under the camera lies still.
    stillness: Stillness,
    watch: Stopwatch,
    /// By which the pages of this visit are known again, with their material.
    taken: Vec<(String, Print)>,
    lamp: Option<Option<Trouble>>,
    /// Frames go to records beside their pages.
    keep_frames: bool,
}

impl Desk<'_> {
    /// Says how the camera is before anybody needs it, without opening it.
    fn look_ahead(&mut self, choice: &CameraChoice) {
        let trouble = match choice {
            CameraChoice::Off => return,
            CameraChoice::Folder(folder) => {
                (!folder.is_dir()).then_some(Trouble::new(Kind::Absent, "camera_folder_absent", "no such folder"))
            }
            CameraChoice::Nokhwa => match camera::list(&child()) {
                Ok(cameras) if cameras.is_empty() => Some(Trouble::new(Kind::Absent, "camera_absent", "no camera in the list")),
                Ok(_) => None,
                Err(trouble) => Some(trouble),
            },
        };
        self.light("", trouble);
    }

    /// Obeys and watches until told to stop.
    fn work(&mut self) {
        loop {
            let next = if self.on { self.orders.try_recv() } else { self.orders.recv_timeout(IDLE).map_err(waited) };
            match next {
                Ok(CameraOrder::Stop) | Err(TryRecvError::Disconnected) => return,
                Ok(order) => self.obey(order),
                Err(TryRecvError::Empty) => {
                    if self.on {
                        self.watch();
                    }
                }
            }
        }
    }

    fn obey(&mut self, order: CameraOrder) {
        match order {
            CameraOrder::Preview(on) => self.switch(on),
            CameraOrder::Shoot { draft, material, spot, make } => {
                self.stillness.taken_by_hand();
                self.aim = Some(Aim { draft, material, spot, make });
                let asked = match &mut self.camera {
                    Some(camera) => camera.still(),
                    None => Err(Trouble::new(Kind::Absent, "camera_absent", "no camera is configured")),
                };
                if let Err(trouble) = asked {
                    self.fail(trouble);
                }
            }
            CameraOrder::Square { draft, material, replace, corners, make } => {
                let Some(still) = self.still.clone() else {
                    self.fail(Trouble::new(Kind::NoMedia, BAD_PICTURE, "there is no still to square"));
                    return;
                };
                self.keep(&still, corners, Aim { draft, material, spot: Spot::Instead(replace), make });
            }
            CameraOrder::Reopen { page, frame } => self.reopen(page, frame),
            CameraOrder::Join { draft, material, front, back } => self.join(draft, material, &front, &back),
            CameraOrder::Rotate { draft, material, order, jpeg } => self.rotate(draft, material, order, &jpeg),
            CameraOrder::Changed { material } => self.taken.retain(|(of, _)| *of != material),
            CameraOrder::Forget => {
                self.taken.clear();
                self.stillness = Stillness::default();
                *self.still = None;
                self.aim = None;
                self.preview.take();
            }
            CameraOrder::Stop => {}
        }
    }

    fn switch(&mut self, on: bool) {
        let Some(camera) = &mut self.camera else { return };
        match camera.preview(on) {
            Ok(()) => self.on = on,
            Err(trouble) => {
                // Stays "on": `next` tries again until the preview is switched off.
                self.on = on;
                self.light("", Some(trouble));
            }
        }
        if !on {
            self.preview.take();
        }
    }

    fn watch(&mut self) {
        let Some(camera) = &mut self.camera else { return };
        let began = Stopwatch::start();
        match camera.next(PATIENCE) {
            Ok(CameraEvent::Quiet) => {}
            Ok(CameraEvent::Arrived { name }) => self.light(&name, None),
            Ok(CameraEvent::Gone) => {
                self.light("", Some(Trouble::new(Kind::Unplugged, "camera_unplugged", "the camera is gone")))
            }
            Ok(CameraEvent::Frame(jpeg)) => {
                self.light("", None);
                self.show(&jpeg);
            }
            Ok(CameraEvent::Still(jpeg)) => {
                if let Some(aim) = self.aim.take() {
                    *self.still = Some(jpeg.clone());
                    self.keep(&jpeg, None, aim);
                    self.show_still(&jpeg);
                }
            }
            Ok(CameraEvent::Failed(trouble)) => self.fail(trouble),
            Err(trouble) => {
                self.light("", Some(trouble));
                if self.aim.take().is_some() {
                    self.post.send(Fact::Camera(CameraFact::Failed(trouble)));
                }
                std::thread::park_timeout(PATIENCE.saturating_sub(began.elapsed()));
            }
        }
    }

    /// A preview frame, at most ten a second.
    fn show(&mut self, jpeg: &[u8]) {
        let now = self.watch.elapsed();
        if now < self.due {
            return;
        }
        // A beat, not a pause: after a pause of a tenth a camera of 25 frames a second would be shown eight times.
        self.due = (self.due + PREVIEW_EVERY).max(now);
        // A damaged frame is not shown; the one before stays.
        let Ok(seen) = scan::preview(jpeg, PREVIEW_W, PREVIEW_H) else { return };
        let outline = seen.found.first().map(|found| found.corners);
        // Judged as the still will be: the page alone, squared. Whether it is too small for its letters
        // can only be said of the still, which has several times the pixels.
        let issues: Vec<&'static str> = outline
            .as_ref()
            .and_then(|corners| Some((corners, scan::square(&seen.picture, corners).ok()?)))
            .map(|(corners, page)| scan::judge(&page, scan::judge::Seen::Within { corners, frame: &seen.picture }))
            .unwrap_or_default()
            .into_iter()
            .filter(|issue| *issue != Issue::Small)
            .map(|issue| issue.code())
            .collect();
        // A page with a fault is a page, but none to take by itself.
        let found = seen
            .found
            .first()
            .map(|found| Found { confidence: if issues.is_empty() { found.confidence } else { 0.0 }, ..*found });
        if self.stillness.frame(found.as_ref(), self.watch.elapsed()) == Ready::Shoot {
            self.post.send(Fact::Camera(CameraFact::Settled));
        }
        let picture = seen.picture.to_rgb();
        let image = ColorImage::from_rgb([picture.w as usize, picture.h as usize], &picture.data);
        self.preview.put(Preview { image, outline, issues });
        self.post.wake();
    }

    /// A still becomes a page and goes to records.
    fn keep(&mut self, still: &[u8], corners: Option<[[f32; 2]; 4]>, aim: Aim) {
        let wanted = scan::Wanted { corners, paper: aim.make.paper, tone: aim.make.tone };
        let looked = scan::look(still, &wanted).and_then(|mut looked| {
            self.mark_twin(&mut looked, &aim);
            if let Some(words) = &aim.make.watermark {
                let line = watermark::line(words, looked.mark_height());
                looked.mark(&line, watermark::STRENGTH)?;
            }
            Ok(looked)
        });
        match looked.and_then(|looked| looked.pack(scan::PAGE_BYTES_MAX)) {
            Ok(page) => {
                let (width_px, height_px) = scan::jpeg::size(still).unwrap_or((page.w, page.h));
                let issues = page.issues.iter().map(|issue| issue.code()).collect();
                let digest = Digest::of(&page.jpeg);
                self.post.send(Fact::Camera(CameraFact::Still { corners: page.corners, width_px, height_px, issues, digest }));
                let order = Order::PutPage {
                    draft: aim.draft,
                    material: aim.material,
                    spot: aim.spot,
                    jpeg: page.jpeg,
                    width_px: page.w,
                    height_px: page.h,
                    frame: self.keep_frames.then(|| still.to_vec()),
                };
                // Waiting is right here: this thread paints nothing, and a page must not be dropped.
                let _ = self.records.send(order);
            }
            Err(error) => self.fail(Trouble::new(Kind::Garbled, error.code(), "the still cannot become a page")),
        }
    }

    /// A page of this visit that comes again is named. One that is taken anew may look like the one it replaces.
    fn mark_twin(&mut self, looked: &mut scan::Looked, aim: &Aim) {
        if looked.corners.is_none() {
            return;
        }
        if !matches!(aim.spot, Spot::Instead(_)) {
            if self.taken.iter().any(|(_, print)| looked.print.is_twin_of(print)) {
                looked.issues.push(Issue::Twice);
            }
            self.taken.push((aim.material.clone(), looked.print.clone()));
        }
    }

    /// The whole still, small enough for the screen: its corners can be dragged on it.
    fn show_still(&self, jpeg: &[u8]) {
        if let Ok(seen) = scan::preview(jpeg, STILL_W, STILL_H) {
            let picture = seen.picture.to_rgb();
            let image = ColorImage::from_rgb([picture.w as usize, picture.h as usize], &picture.data);
            self.post.send(Fact::Camera(CameraFact::StillPicture(image)));
        }
    }

    fn rotate(&mut self, draft: Uuid, material: String, order: u32, jpeg: &[u8]) {
        let turned = scan::decode(jpeg, None).and_then(|picture| {
            let turned = scan::rotate90(&picture, 1);
            Ok((scan::encode(&turned, scan::PAGE_BYTES_MAX)?, turned.w, turned.h))
        });
        match turned {
            Ok((jpeg, width_px, height_px)) => {
                let spot = Spot::Instead(order);
                let _ = self.records.send(Order::PutPage { draft, material, spot, jpeg, width_px, height_px, frame: None });
            }
            Err(error) => self.fail(Trouble::new(Kind::Garbled, error.code(), "the page cannot be turned")),
        }
    }

    /// A frame that was kept is the last still again.
    fn reopen(&mut self, page: PageRef, frame: Vec<u8>) {
        match scan::jpeg::size(&frame) {
            Ok((width_px, height_px)) => {
                self.post.send(Fact::Camera(CameraFact::Reopened { page, width_px, height_px }));
                self.show_still(&frame);
                *self.still = Some(frame);
            }
            Err(error) => self.fail(Trouble::new(Kind::Garbled, error.code(), "the frame cannot be read")),
        }
    }

    /// Both sides of a card become one sheet, the card at its true size.
    fn join(&mut self, draft: Uuid, material: String, front: &(u32, Vec<u8>), back: &(u32, Vec<u8>)) {
        let joined = scan::decode(&front.1, None).and_then(|above| {
            let sheet = scan::compose::card_on_a4(&above, &scan::decode(&back.1, None)?)?;
            Ok((scan::encode(&sheet, scan::PAGE_BYTES_MAX)?, sheet.w, sheet.h))
        });
        match joined {
            Ok((jpeg, width_px, height_px)) => {
                let (front, back) = (front.0, back.0);
                let _ = self.records.send(Order::JoinPages { draft, material, front, back, jpeg, width_px, height_px });
            }
            Err(error) => self.fail(Trouble::new(Kind::Garbled, error.code(), "the sides cannot be joined")),
        }
    }

    fn fail(&mut self, trouble: Trouble) {
        self.aim = None;
        self.post.send(Fact::Camera(CameraFact::Failed(trouble)));
    }

    /// The lamp, once for each change.
    fn light(&mut self, name: &str, trouble: Option<Trouble>) {
        if self.lamp != Some(trouble) {
            self.lamp = Some(trouble);
            self.post.send(Fact::Camera(CameraFact::Lamp { camera: name.to_owned(), trouble }));
        }
    }
}

fn waited(error: std::sync::mpsc::RecvTimeoutError) -> TryRecvError {
    match error {
        std::sync::mpsc::RecvTimeoutError::Timeout => TryRecvError::Empty,
        std::sync::mpsc::RecvTimeoutError::Disconnected => TryRecvError::Disconnected,
    }
}
