//! The texts that name a change, one behind the other in one piece of memory.

use crate::packed;

/// One of the texts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Text {
    /// The change's own id.
    Change,
    /// The account's id.
    Account,
    /// The person, as text.
    Person,
    /// The username.
    Username,
    /// The establishment after the change.
    Establishment,
    /// The one before.
    From,
}

/// How many there are.
const COUNT: usize = Text::From as usize + 1;

/// All of them ([`crate::packed`]).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Texts(Box<str>);

impl Texts {
    /// Of texts in the order of [`Text`].
    pub fn of(texts: [&str; COUNT]) -> Self {
        let mut all = String::with_capacity(texts.iter().map(|text| packed::room(text)).sum());
        texts
            .iter()
            .for_each(|text| packed::push_text(&mut all, text));
        Texts(all.into_boxed_str())
    }

    /// One of them.
    pub fn get(&self, text: Text) -> &str {
        let mut rest = &*self.0;
        for _ in 0..text as usize {
            packed::take_text(&mut rest);
        }
        packed::take_text(&mut rest)
    }

    /// The same with another text in one place.
    #[must_use]
    pub fn with(&self, text: Text, value: &str) -> Self {
        use Text::{Account, Change, Establishment, From, Person, Username};
        let mut texts =
            [Change, Account, Person, Username, Establishment, From].map(|t| self.get(t));
        texts[text as usize] = value;
        Texts::of(texts)
    }

    /// Looks at them ([`crate::warm`]).
    pub(crate) fn touch(&self) -> usize {
        crate::warm::touch(self.0.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_come_back_as_they_were_put_in() {
        let texts = Texts::of(["c", "", "k:é", "PriceM4", "6604001", ""]);
        assert_eq!(texts.get(Text::Change), "c");
        assert_eq!(texts.get(Text::Account), "");
        assert_eq!(texts.get(Text::Person), "k:é");
        assert_eq!(texts.get(Text::From), "");
        let renamed = texts.with(Text::Username, "PriceMŵ12");
        assert_eq!(renamed.get(Text::Username), "PriceMŵ12");
        assert_eq!(renamed.get(Text::Person), "k:é");
        assert_eq!(renamed.get(Text::Establishment), "6604001");
    }
}
