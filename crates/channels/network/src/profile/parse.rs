//! A profile as people write it: its name, and settings that change it.

use super::Profile;
use std::fmt;

/// Why a text names no profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileError(String);

impl fmt::Display for ProfileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ProfileError {}

impl Profile {
    /// The profile that a text such as `calico` or `cilium,cidr-match=pods+nodes` means.
    ///
    /// # Errors
    /// There is no such profile, or it has no such setting or value; the message lists those that there are.
    pub fn parse(text: &str) -> Result<Self, ProfileError> {
        let mut parts = text.split(',').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let mut profile = Self::named(name).ok_or_else(|| {
            let names: Vec<String> = Self::ALL.iter().map(|profile| format!("`{}`", profile.name)).collect();
            ProfileError(format!("the profiles are {}", names.join(", ")))
        })?;
        for part in parts {
            profile.set(part)?;
        }
        Ok(profile)
    }

    /// The profile of that name, without settings.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|profile| profile.name == name)
    }

    /// The text that means it: its name, and the settings that are not the default.
    #[must_use]
    pub fn label(&self) -> String {
        let mut label = self.name.to_owned();
        for (setting, chosen) in self.settings.iter().zip(self.chosen) {
            if let Some(value) = chosen.and_then(|index| setting.values.get(index)) {
                label += &format!(",{}={}", setting.name, value.name);
            }
        }
        label
    }

    fn set(&mut self, text: &str) -> Result<(), ProfileError> {
        let (name, value) = text.split_once('=').unwrap_or((text, ""));
        let Some(index) = self.settings.iter().position(|setting| setting.name == name) else {
            let names: Vec<String> =
                self.settings.iter().map(|setting| format!("`{}`", setting.name)).collect();
            let there = match names.is_empty() {
                true => "it has none".to_owned(),
                false => format!("its settings are {}", names.join(", ")),
            };
            return Err(ProfileError(format!(
                "the profile `{}` has no setting `{name}`; {there}",
                self.name
            )));
        };
        let setting = self.settings[index];
        let Some(number) = setting.values.iter().position(|known| known.name == value) else {
            let values: Vec<String> =
                setting.values.iter().map(|known| format!("`{name}={}`", known.name)).collect();
            return Err(ProfileError(format!("write one of {}", values.join(", "))));
        };
        (setting.values[number].change)(self);
        let is_default = setting.values[number].default;
        if let Some(chosen) = self.chosen.get_mut(index) {
            *chosen = (!is_default).then_some(number);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_means_the_profile_again() {
        for text in ["calico", "cilium", "cilium,cidr-match=pods+nodes", "cilium,cluster-network-policy=true"]
        {
            let profile = Profile::parse(text).unwrap();
            assert_eq!(profile.label(), text);
        }
        assert_eq!(Profile::parse("cilium,cidr-match=none").unwrap().label(), "cilium");
    }

    #[test]
    fn a_setting_changes_what_it_says() {
        let plain = Profile::parse("cilium").unwrap();
        let set = Profile::parse("cilium,cidr-match=pods").unwrap();
        assert!(!plain.ip_block_matches_pods.holds(true));
        assert!(set.ip_block_matches_pods.holds(false));
        assert!(!set.ip_block_matches_nodes.holds(true));
    }

    #[test]
    fn what_is_not_there_is_said_with_what_is() {
        let said = |text: &str| Profile::parse(text).unwrap_err().to_string();
        assert!(said("cilum").starts_with("the profiles are `conservative`, `calico`"));
        assert_eq!(
            said("cilium,cidr=pods"),
            "the profile `cilium` has no setting `cidr`; its settings are `cidr-match`, `cluster-network-policy`"
        );
        assert_eq!(said("kube-router,x=y"), "the profile `kube-router` has no setting `x`; it has none");
        assert_eq!(
            said("cilium,cluster-network-policy"),
            "write one of `cluster-network-policy=false`, `cluster-network-policy=true`"
        );
    }
}
