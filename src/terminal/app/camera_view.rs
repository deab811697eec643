//! What the document camera shows and last took, as a screen may look at it.

/// State of the camera for the capture screen. The picture itself is `Cx::textures.preview()`.
#[derive(Clone, Debug, Default)]
pub struct CameraView {
    /// Size of the preview picture, in its own pixels.
    pub width_px: u32,
    pub height_px: u32,
    /// Page outline in the preview, clockwise from top left, in preview pixels.
    pub outline: Option<[[f32; 2]; 4]>,
    /// What is wrong with the preview at this moment, as stable codes; empty = good.
    pub issues: Vec<&'static str>,
    /// The agent switched the automatic shot on.
    pub auto: bool,
    /// A good page lies still and was not taken yet.
    pub settled: bool,
    /// A still was asked for and is not saved yet.
    pub busy: bool,
    /// The last still of this visit.
    pub last: Option<LastStill>,
    /// Why the last still could not be taken.
    pub failed: Option<devices::Trouble>,
}

#[derive(Clone, Debug)]
pub struct LastStill {
    /// Corners that were used to square it, in its own pixels; `None` = the whole picture.
    pub corners: Option<[[f32; 2]; 4]>,
    pub width_px: u32,
    pub height_px: u32,
    pub issues: Vec<&'static str>,
    /// Of the page that was made of it.
    pub digest: matters::Digest,
    /// Where the page went: material and order, once records has saved it.
    pub page: Option<(String, u32)>,
}
