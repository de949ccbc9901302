//! The moves: what somebody can do with rights on the API, and what they come to by it.

use super::Asset;
use watertight_model::User;

/// A move: one way each to come to something through rights on the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Move {
    /// Creates a pod that runs as a ServiceAccount of its namespace.
    CreatePod,
    /// Makes a pod by server-side apply, which asks for `patch` and `create` on its name.
    ApplyPod,
    /// Creates a workload whose pods run as a ServiceAccount of its namespace.
    CreateWorkload,
    /// Changes the template of a workload that is there.
    ChangeWorkload,
    /// Runs a command in a pod.
    Exec,
    /// Changes the image of a pod.
    ChangePod,
    /// Adds a container to a pod that runs.
    Debug,
    /// Writes to the input of a pod's process.
    Attach,
    /// Reads a Secret.
    ReadSecret,
    /// Creates a Secret that a controller fills with a ServiceAccount's token, and reads it.
    ForgeToken,
    /// Asks for a ServiceAccount's token.
    RequestToken,
    /// Creates a ServiceAccount of a name that is bound.
    CreateAccount,
    /// Impersonates a user.
    ImpersonateUser,
    /// Impersonates somebody in a group.
    ImpersonateGroup,
    /// Impersonates a ServiceAccount.
    ImpersonateAccount,
    /// Binds a role to itself.
    BindRole,
    /// Gives a role that is bound to itself any rule.
    EscalateRole,
    /// Has a certificate for another user issued.
    SignCertificate,
    /// Asks a kubelet to run a command in a pod.
    NodeProxy,
    /// Opens a connection to a pod through the API server.
    DialPod,
    /// Changes the labels of a namespace.
    RelabelNamespace,
    /// Makes, changes or deletes a network policy.
    ChangeFence,
    /// Changes, scales or deletes another object.
    ChangeObject,
    /// Has itself asked about every object that is made or changed, and changes it.
    AddWebhook,
    /// Answers a webhook that is asked about pods, and changes them: where it runs pods, or can run or enter them.
    AnswerWebhook,
    /// Uses what a Secret opens: a credential that is good for both sides, an account on the other, or somebody's token.
    UseCredential,
    /// Acts before a cloud as an identity that both sides name.
    AssumeIdentity,
    /// Publishes a host of the other side by an Ingress, at a proxy that serves both.
    PublishHost,
    /// Has a proxy that serves both run what an Ingress says, and reads what it reads.
    WriteSnippet,
    /// Attaches a route to a listener at which the other side's attaches.
    AttachRoute,
    /// Leads a route to a Service of the other side, which a grant lets it.
    FollowGrant,
    /// Has by an object that is there what is meant for the other side.
    TakeTraffic,
}

impl Move {
    /// Those that make use of what both sides have together.
    pub const TOGETHER: [Self; 7] = [
        Self::UseCredential,
        Self::AssumeIdentity,
        Self::PublishHost,
        Self::WriteSnippet,
        Self::AttachRoute,
        Self::FollowGrant,
        Self::TakeTraffic,
    ];

    /// All of them.
    pub const ALL: [Self; 32] = [
        Self::CreatePod,
        Self::ApplyPod,
        Self::CreateWorkload,
        Self::ChangeWorkload,
        Self::Exec,
        Self::ChangePod,
        Self::Debug,
        Self::Attach,
        Self::ReadSecret,
        Self::ForgeToken,
        Self::RequestToken,
        Self::CreateAccount,
        Self::ImpersonateUser,
        Self::ImpersonateGroup,
        Self::ImpersonateAccount,
        Self::BindRole,
        Self::EscalateRole,
        Self::SignCertificate,
        Self::NodeProxy,
        Self::DialPod,
        Self::RelabelNamespace,
        Self::ChangeFence,
        Self::ChangeObject,
        Self::AddWebhook,
        Self::AnswerWebhook,
        Self::UseCredential,
        Self::AssumeIdentity,
        Self::PublishHost,
        Self::WriteSnippet,
        Self::AttachRoute,
        Self::FollowGrant,
        Self::TakeTraffic,
    ];

    /// Whether it is made by the headers of impersonation.
    pub(super) fn impersonates(self) -> bool {
        matches!(self, Self::ImpersonateUser | Self::ImpersonateGroup | Self::ImpersonateAccount)
    }
}

/// What a move does.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effect {
    /// The player can act as somebody.
    ActsAs(User),
    /// It runs a pod of its own.
    Runs {
        /// Where.
        namespace: String,
        /// As which ServiceAccount.
        account: String,
    },
    /// It runs code in a pod that is there.
    Enters {
        /// Where.
        namespace: String,
        /// The pod.
        pod: String,
        /// Its ServiceAccount.
        account: String,
    },
    /// It reads a Secret.
    Reads {
        /// Where.
        namespace: String,
        /// The Secret.
        secret: String,
    },
    /// It opens a connection to a pod.
    Dials {
        /// Where.
        namespace: String,
        /// The pod.
        pod: String,
    },
    /// It changes or deletes an object.
    Changes {
        /// Where; of a namespace, its own name.
        namespace: String,
        /// What.
        object: String,
    },
    /// It comes to something of the other side.
    ComesTo {
        /// Where.
        namespace: String,
        /// What.
        asset: Asset,
        /// By which object.
        by: String,
    },
    /// A ServiceAccount is there.
    Makes {
        /// Where.
        namespace: String,
        /// Its name.
        account: String,
    },
    /// A binding is there.
    Binds {
        /// Where; empty for everywhere.
        namespace: String,
        /// Whether of a ClusterRole.
        is_cluster_role: bool,
        /// The role.
        role: String,
        /// To whom.
        to: User,
    },
    /// A role allows everything.
    Rewrites {
        /// Where; empty for a ClusterRole.
        namespace: String,
        /// The role.
        role: String,
    },
}
