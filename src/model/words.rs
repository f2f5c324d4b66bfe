//! Closed sets of words, each spelled as it stands in the tables.

/// Declares an enum whose variants have one fixed spelling each.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
        pub enum $name { $($(#[$vmeta])* $variant),+ }

        impl $name {
            /// Every value, in order.
            pub const ALL: &'static [$name] = &[$($name::$variant),+];

            /// The word as the tables spell it.
            pub const fn as_str(self) -> &'static str {
                match self { $($name::$variant => $text),+ }
            }

            /// The value a word stands for, if it is one of the set.
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some($name::$variant),)+ _ => None }
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let word = String::deserialize(from)?;
                $name::parse(&word).ok_or_else(|| {
                    let known: Vec<&str> = $name::ALL.iter().map(|value| value.as_str()).collect();
                    serde::de::Error::custom(format!("`{word}` is not one of {}", known.join(", ")))
                })
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }
    };
}

words! {
    /// Which register a person stands in. A learner who is also staff has two unrelated accounts.
    Kind { Learner = "learner", Staff = "staff" }
}

words! {
    /// Whether an account follows the roll.
    Category { Mis = "mis", NonMis = "non_mis" }
}

words! {
    /// What an account is for.
    Role {
        Learner = "learner",
        TeachingStaff = "teaching_staff",
        NonTeachingStaff = "non_teaching_staff",
        Governor = "governor",
        Supply = "supply",
        IteStudent = "ite_student",
        AuthorityStaff = "authority_staff",
        ConsortiumStaff = "consortium_staff",
        Service = "service",
        Stakeholder = "stakeholder",
    }
}

impl Role {
    /// The register a `mis` account of this role follows.
    pub fn kind(self) -> Kind {
        if self == Role::Learner {
            Kind::Learner
        } else {
            Kind::Staff
        }
    }
}

words! {
    /// Whether an account can be used: `active` and `grace` can.
    State { Active = "active", Grace = "grace", Inactive = "inactive" }
}

impl State {
    /// Whether the person can sign in.
    pub fn is_usable(self) -> bool {
        self != State::Inactive
    }
}

words! {
    /// Why an account is inactive.
    InactiveReason {
        Left = "left",
        Absent = "absent",
        OptedOut = "opted_out",
        GraceOver = "grace_over",
        Expired = "expired",
        Closed = "closed",
        Superseded = "superseded",
    }
}

words! {
    /// How a claim of another establishment stands.
    TransferState {
        Pending = "pending",
        WaitingRelease = "waiting_release",
        Deferred = "deferred",
        Declined = "declined",
        Approved = "approved",
    }
}

words! {
    /// What a plan row does, in the order in which one names a row where several changes meet (SPEC §7).
    Action {
        Purge = "purge",
        Withdraw = "withdraw",
        Release = "release",
        GraceExpire = "grace_expire",
        Expire = "expire",
        Close = "close",
        Supersede = "supersede",
        Transfer = "transfer",
        Reactivate = "reactivate",
        Create = "create",
        GraceStart = "grace_start",
        GraceGrant = "grace_grant",
        Extend = "extend",
        Rename = "rename",
        HoldLeaver = "hold_leaver",
        MarkAbsent = "mark_absent",
        ClearAbsent = "clear_absent",
        TransferPending = "transfer_pending",
        TransferDefer = "transfer_defer",
        TransferDecline = "transfer_decline",
        TransferClose = "transfer_close",
        Update = "update",
    }
}

impl Action {
    /// Whether the action takes a usable account away.
    pub fn is_removal(self) -> bool {
        matches!(
            self,
            Action::Withdraw
                | Action::Release
                | Action::GraceExpire
                | Action::Expire
                | Action::Close
                | Action::Supersede
        )
    }
}

words! {
    /// What a person is in a group.
    MemberRole { Member = "member", Owner = "owner" }
}

words! {
    /// Whether a group is in use.
    GroupState { Active = "active", Archived = "archived" }
}

words! {
    /// What a row of `groups.csv` does, in the order in which one names a row where several things change.
    GroupAction {
        Archive = "group_archive",
        Restore = "group_restore",
        Create = "group_create",
        Update = "group_update",
    }
}

words! {
    /// What a person can decide (SPEC §3).
    Word {
        ApproveTransfer = "approve_transfer",
        DeferTransfer = "defer_transfer",
        DeclineTransfer = "decline_transfer",
        AssignGrace = "assign_grace",
        RestoreWithGrace = "restore_with_grace",
        NotALeaver = "not_a_leaver",
        KeepAccount = "keep_account",
        CloseAccount = "close_account",
        ReactivateAccount = "reactivate_account",
        KeepPreviousAccount = "keep_previous_account",
        Rename = "rename",
        RestoreGroup = "restore_group",
    }
}

words! {
    /// What falls due.
    DueKind {
        Leaving = "leaving",
        AbsentRelease = "absent_release",
        GraceEnd = "grace_end",
        Expiry = "expiry",
        HoldEnd = "hold_end",
        Purge = "purge",
        DecisionLapse = "decision_lapse",
    }
}
