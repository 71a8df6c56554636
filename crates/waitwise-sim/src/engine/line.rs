//! Who waits: one line per class, first come first.
//!
//! Whatever the order of service, the best of a class is always the one who came first, so choosing looks at the heads
//! of lines only. Heads lie side by side, and which lines have anybody is a bit each.
//!
//! Who has given up stays in line until somebody looks: an event of its own for each would cost more than the rest of
//! the wait. Nothing depends on when it is noticed, since it is known since when.

/// Somebody who waits.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Caller {
    pub(crate) arrived: f64,
    /// When patience ends; infinite: never.
    pub(crate) gives_up: f64,
    /// What was drawn for the service, and for the work after it.
    pub(crate) service: f64,
    pub(crate) after_call: f64,
    /// The how manieth of the class, from 0.
    pub(crate) number: u32,
    /// The part of the run in which they arrived.
    pub(crate) block: u32,
}

/// All lines.
#[derive(Clone, Debug)]
pub(crate) struct Lines {
    rings: Vec<Ring>,
    /// Per class, of the head: when they arrived.
    pub(crate) arrived: Vec<f64>,
    /// Per class, of the head: when they give up.
    pub(crate) gives_up: Vec<f64>,
    /// A bit per class: whether anybody is in line.
    pub(crate) occupied: Vec<u64>,
    /// In all lines together, those included who have given up and were not noticed yet.
    pub(crate) n: u64,
}

/// One line: a ring whose size is a power of two.
#[derive(Clone, Debug)]
struct Ring {
    slots: Vec<Caller>,
    head: usize,
    len: usize,
}

const SLOTS_AT_FIRST: usize = 16;

impl Lines {
    pub(crate) fn new(n_classes: usize) -> Lines {
        let ring = Ring {
            slots: vec![Caller::default(); SLOTS_AT_FIRST],
            head: 0,
            len: 0,
        };
        Lines {
            rings: vec![ring; n_classes],
            arrived: vec![0.0; n_classes],
            gives_up: vec![0.0; n_classes],
            occupied: vec![0; crate::model::words(n_classes)],
            n: 0,
        }
    }

    /// Empties all lines, and lets them be as short as at first: when it is noticed who has given up, and so the order in
    /// which their waits are added up, depends on how long a line can be.
    pub(crate) fn clear(&mut self) {
        for ring in &mut self.rings {
            ring.slots.truncate(SLOTS_AT_FIRST);
            ring.head = 0;
            ring.len = 0;
        }
        self.occupied.fill(0);
        self.n = 0;
    }

    /// How many are in line, those included who have given up and were not noticed yet.
    pub(crate) fn len(&self, class: usize) -> usize {
        self.rings[class].len
    }

    /// Whether the next to join finds the ring full.
    #[inline]
    pub(crate) fn is_full(&self, class: usize) -> bool {
        let ring = &self.rings[class];
        ring.len == ring.slots.len()
    }

    /// Puts somebody at the end.
    #[inline]
    pub(crate) fn join(&mut self, class: usize, caller: Caller) {
        if self.is_full(class) {
            self.rings[class].grow();
        }
        let ring = &mut self.rings[class];
        let place = (ring.head + ring.len) & (ring.slots.len() - 1);
        ring.slots[place] = caller;
        ring.len += 1;
        self.n += 1;
        if ring.len == 1 {
            self.arrived[class] = caller.arrived;
            self.gives_up[class] = caller.gives_up;
            self.occupied[class / 64] |= 1 << (class % 64);
        }
    }

    /// Takes out the head of a line that has one.
    #[inline]
    pub(crate) fn take(&mut self, class: usize) -> Caller {
        let ring = &mut self.rings[class];
        let caller = ring.slots[ring.head];
        ring.head = (ring.head + 1) & (ring.slots.len() - 1);
        ring.len -= 1;
        self.n -= 1;
        self.show_head(class);
        caller
    }

    /// Takes out everybody who has given up by `now`, in order of arrival.
    pub(crate) fn take_gone(&mut self, class: usize, now: f64, mut gone: impl FnMut(Caller)) {
        let ring = &mut self.rings[class];
        let mask = ring.slots.len() - 1;
        let mut kept = 0;
        for place in 0..ring.len {
            let caller = ring.slots[(ring.head + place) & mask];
            if caller.gives_up <= now {
                gone(caller);
                self.n -= 1;
            } else {
                ring.slots[(ring.head + kept) & mask] = caller;
                kept += 1;
            }
        }
        ring.len = kept;
        self.show_head(class);
    }

    /// The earliest instant at which somebody in any line gives up.
    pub(crate) fn first_to_give_up(&self) -> f64 {
        let callers = self.rings.iter().flat_map(Ring::callers);
        callers.fold(f64::INFINITY, |first, caller| first.min(caller.gives_up))
    }

    #[inline]
    fn show_head(&mut self, class: usize) {
        let ring = &self.rings[class];
        if ring.len == 0 {
            self.occupied[class / 64] &= !(1 << (class % 64));
        } else {
            let head = &ring.slots[ring.head];
            self.arrived[class] = head.arrived;
            self.gives_up[class] = head.gives_up;
        }
    }
}

impl Ring {
    #[cold]
    fn grow(&mut self) {
        self.slots.rotate_left(self.head);
        self.head = 0;
        self.slots.resize(2 * self.slots.len(), Caller::default());
    }

    fn callers(&self) -> impl Iterator<Item = &Caller> {
        let mask = self.slots.len() - 1;
        (0..self.len).map(move |place| &self.slots[(self.head + place) & mask])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(number: u32, gives_up: f64) -> Caller {
        Caller {
            number,
            arrived: f64::from(number),
            gives_up,
            ..Caller::default()
        }
    }

    #[test]
    fn a_line_keeps_its_order_while_it_grows() {
        let mut lines = Lines::new(2);
        for number in 0..5 {
            lines.join(1, caller(number, f64::INFINITY));
        }
        for number in 0..3 {
            assert_eq!(lines.take(1).number, number);
        }
        for number in 5..100 {
            lines.join(1, caller(number, f64::INFINITY));
        }
        for number in 3..100 {
            assert_eq!(lines.arrived[1].to_bits(), f64::from(number).to_bits());
            assert_eq!(lines.occupied, [2]);
            assert_eq!(lines.take(1).number, number);
        }
        assert_eq!((lines.n, lines.occupied[0]), (0, 0));
    }

    #[test]
    fn who_has_given_up_is_taken_out_from_anywhere() {
        let mut lines = Lines::new(1);
        for (number, gives_up) in [(0, 9.0), (1, 2.0), (2, 3.0), (3, 9.0)] {
            lines.join(0, caller(number, gives_up));
        }
        assert_eq!(lines.first_to_give_up().to_bits(), 2.0_f64.to_bits());
        let mut gone = Vec::new();
        lines.take_gone(0, 3.0, |caller| gone.push(caller.number));
        assert_eq!(gone, [1, 2]);
        assert_eq!(lines.n, 2);
        assert_eq!((lines.take(0).number, lines.take(0).number), (0, 3));
    }
}
