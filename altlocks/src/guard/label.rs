//! What errors call a resource.

use crate::Name;
use crate::sync::{Memo, Numbering};

/// A description, or a number: drawn late, because a guard in a `static` is made before the program counts.
pub(super) enum Label {
    Given(Name),
    Numbered(Memo<Name>),
}

impl Label {
    pub(super) const fn given(name: Name) -> Self {
        Self::Given(name)
    }

    pub(super) const fn numbered() -> Self {
        Self::Numbered(Memo::new())
    }

    pub(super) fn name(&self) -> &Name {
        static NUMBERS: Numbering = Numbering::new();
        match self {
            Self::Given(name) => name,
            Self::Numbered(memo) => memo.get_or_init(|| Name::given(format!("resource #{}", NUMBERS.next()).into())),
        }
    }
}
