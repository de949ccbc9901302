//! What somebody comes to through the API.

/// What a right on the API yields, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Gain {
    /// The whole cluster: what every other gain yields, for everything.
    ControlsCluster,
    /// Any right, by granting it to oneself.
    GrantsRights,
    /// To act as anybody.
    ActsAsAnybody,
    /// To create pods: code of one's own with any ServiceAccount, Secret and volume of the namespace.
    RunsPods,
    /// To run code in pods that are there.
    EntersPods,
    /// Credentials of ServiceAccounts.
    MintsTokens,
    /// The values of Secrets.
    ReadsSecrets,
    /// The data of volumes.
    ReadsVolumes,
    /// Connections to pods that no network policy sees.
    DialsPods,
    /// To change what keeps others out.
    ChangesFence,
    /// To change the labels of a namespace, by which policies know it.
    RelabelsNamespace,
    /// To take traffic that is meant for others.
    TakesTraffic,
    /// To decide on which nodes pods run.
    MovesPods,
    /// To stop pods, or to have too many of them.
    StopsPods,
    /// To take resources that are meant for others: priority, quota, the API server's attention.
    TakesResources,
    /// To change or delete objects.
    ChangesObjects,
    /// To read objects that hold no credentials. It is of lesser rank (convention 11).
    ReadsObjects,
}

impl Gain {
    /// The name that the machine formats have.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ControlsCluster => "controlsCluster",
            Self::GrantsRights => "grantsRights",
            Self::ActsAsAnybody => "actsAsAnybody",
            Self::RunsPods => "runsPods",
            Self::EntersPods => "entersPods",
            Self::MintsTokens => "mintsTokens",
            Self::ReadsSecrets => "readsSecrets",
            Self::ReadsVolumes => "readsVolumes",
            Self::DialsPods => "dialsPods",
            Self::ChangesFence => "changesFence",
            Self::RelabelsNamespace => "relabelsNamespace",
            Self::TakesTraffic => "takesTraffic",
            Self::MovesPods => "movesPods",
            Self::StopsPods => "stopsPods",
            Self::ChangesObjects => "changesObjects",
            Self::TakesResources => "takesResources",
            Self::ReadsObjects => "readsObjects",
        }
    }
}
