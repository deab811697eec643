//! Loops over pixels, compiled a second time for processors with 256-bit vectors.
//!
//! A program for every x86-64 may only count on 128 bits; nearly every desk has twice that, and libjpeg-turbo uses it too. No
//! result depends on which one runs.

/// Does the work, in vectors of 256 bits where the processor has them. What the work calls must be `#[inline(always)]`, as a
/// function of its own keeps the vectors that it was compiled for.
#[inline(always)]
pub(crate) fn wide<R>(work: impl FnOnce() -> R) -> R {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") {
        return with_avx2(work);
    }
    work()
}

#[cfg(target_arch = "x86_64")]
#[allow(unsafe_code, reason = "the same loops with wider vectors; the only thing that could go wrong is asked first")]
fn with_avx2<R>(work: impl FnOnce() -> R) -> R {
    #[target_feature(enable = "avx2")]
    fn vectors<R>(work: impl FnOnce() -> R) -> R {
        work()
    }
    assert!(std::arch::is_x86_feature_detected!("avx2"));
    // SAFETY: the processor was asked, one line above.
    unsafe { vectors(work) }
}
