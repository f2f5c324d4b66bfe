//! Pieces of a table's text put together, in their order, while those behind them are split.

use super::capped::CappedFaults;
use super::rows::{Ends, Far, Lines, Rows};
use super::split::{Body, LostRow, Odd, Piece, Splitter, code_of};
use crate::model::Severity;

/// What the lines of a file hold, as far as they have been split.
#[derive(Default)]
pub(super) struct Joined {
    /// Line of the file at which the next piece begins.
    line: u64,
    /// Rounds in which all pieces come.
    rounds: usize,
    starts: Vec<u32>,
    ends: Ends,
    far: Far,
    /// Records that are too long for short ends.
    long: usize,
    lines: Lines,
    /// Text of rebuilt records: it goes behind that of the file.
    rebuilt: String,
    damaged: Vec<u32>,
    lost: Vec<LostRow>,
    blank_lines: u64,
    faults: CappedFaults,
}

impl Joined {
    /// Nothing yet of a file whose pieces begin at a line and come in so many rounds.
    pub(super) fn new(line: u64, rounds: usize) -> Self {
        Joined {
            line,
            rounds,
            ..Joined::default()
        }
    }

    /// Adds the pieces of one round.
    pub(super) fn take(&mut self, of: &Splitter<'_>, pieces: &mut [Piece]) {
        let width = of.header.width;
        if self.starts.is_empty() {
            // One round of a file is much like another.
            let records = pieces.iter().map(|piece| piece.starts.len()).sum::<usize>();
            let long = pieces.iter().map(|piece| piece.long).sum();
            let all = records * self.rounds * 21 / 20;
            self.starts.reserve(all);
            self.ends = match Ends::may_be_short(records, long) {
                true => Ends::Short(Vec::with_capacity(all * width)),
                false => Ends::Long(Vec::with_capacity(all * width)),
            };
        }
        pieces.iter_mut().for_each(|piece| self.add(of, piece));
        if !Ends::may_be_short(self.starts.len(), self.long) {
            self.ends.lengthen(width, &mut self.far);
        }
    }

    fn add(&mut self, of: &Splitter<'_>, piece: &mut Piece) {
        let behind = (of.text.len() + self.rebuilt.len()) as u32;
        for &record in &piece.rebuilt_records {
            piece.starts[record as usize] += behind;
        }
        self.rebuilt.push_str(&piece.rebuilt);
        let before = self.starts.len() as u32;
        self.starts.extend_from_slice(&piece.starts);
        let far = std::mem::take(&mut piece.far).into_iter();
        let far = far.map(|(record, ends)| (record + before, ends));
        self.far.extend(far);
        let width = of.header.width;
        self.ends.extend(before, width, &piece.ends, &mut self.far);
        self.long += piece.long;
        let first_line = self.line;
        let lines = piece.lines.iter();
        lines.for_each(|line| self.lines.push(line + first_line as u32));
        let damaged = piece.damaged.iter().map(|record| record + before);
        self.damaged.extend(damaged);
        self.blank_lines += piece.blank_lines;
        for odd in piece.odd.drain(..) {
            let fault = || of.fault(&odd, first_line);
            self.faults.push(code_of(&odd), Severity::Reject, fault);
            if let Odd::Lost {
                line,
                establishment,
                ..
            } = odd
            {
                let line = line + first_line;
                self.lost.push(LostRow {
                    line,
                    establishment,
                });
            }
        }
        self.line += piece.line_count;
    }

    /// All that was added, of a file with a text and so many columns.
    pub(super) fn body(self, mut text: String, width: usize) -> Body {
        text.push_str(&self.rebuilt);
        let ends = (self.ends, self.far);
        Body {
            rows: Rows::from_parts(text, self.starts, ends, self.lines, width),
            damaged: self.damaged,
            lost: self.lost,
            blank_lines: self.blank_lines,
            faults: self.faults,
        }
    }
}
