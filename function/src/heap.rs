//! Where memory comes from: a piece that every instance begins with, then what the host adds.
//!
//! Hosts make an instance for each request. The smallest ones end within the first piece; asking
//! for more would cost them as much as all else that they do. Built for WebAssembly alone.

use core::{alloc::Layout, arch::wasm32::memory_grow, mem::MaybeUninit, ptr::NonNull};

use talc::base::{Talc, binning::Binning};
use talc::{cell::TalcSyncCell, source::Source, wasm::WasmBinning};

/// Faster than the default on the many short texts of a page.
#[global_allocator]
static ALLOCATOR: TalcSyncCell<Pieces, WasmBinning> = TalcSyncCell::new_wasm(Pieces {
    has_begun: false,
    end: None,
});

/// No longer than that, so that it shares the memory's page with what is there anyway.
static mut FIRST: MaybeUninit<[u64; FIRST_BYTES / 8]> = MaybeUninit::uninit();

#[derive(Debug)]
struct Pieces {
    has_begun: bool,
    /// Of what the host added last.
    end: Option<NonNull<u8>>,
}

// SAFETY: nothing here allocates.
unsafe impl Source for Pieces {
    /// Called again for as long as what is there is too little.
    fn acquire<B: Binning>(talc: &mut Talc<Self, B>, layout: Layout) -> Result<(), ()> {
        if !talc.source.has_begun {
            talc.source.has_begun = true;
            // SAFETY: the allocator alone knows this piece, and it is handed over once.
            unsafe { talc.claim((&raw mut FIRST).cast(), FIRST_BYTES) };
            return Ok(());
        }
        // Where it is taken, and to align it.
        let n_bytes = layout.size() + layout.align() + PAGE;
        let n_pages = n_bytes.div_ceil(PAGE).max(FEWEST_PAGES);
        let before = memory_grow::<0>(n_pages);
        if before == usize::MAX {
            return Err(());
        }
        let base = (before * PAGE) as *mut u8;
        let size = n_pages * PAGE;
        let last = talc.source.end.filter(|end| end.as_ptr() == base);
        talc.source.end = if let Some(end) = last {
            // SAFETY: the memory is new, and follows what the allocator has.
            Some(unsafe { talc.extend(end, base.wrapping_add(size)) })
        } else {
            // SAFETY: the memory is new.
            unsafe { talc.claim(base, size) }
        };
        Ok(())
    }
}

const FIRST_BYTES: usize = 1 << 10;
/// Of WebAssembly.
const PAGE: usize = 64 << 10;
/// Each time costs a call of the host, whether it is for much or little.
const FEWEST_PAGES: usize = 16;
