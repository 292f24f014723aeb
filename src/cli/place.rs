//! Where a run takes place: a target of the user, or the embedded reference target with presec's observer behind it.

use std::path::Path;
use std::sync::Arc;

use crate::engine::limit::Limiter;
use crate::engine::ports::{Clock, Testbed};
use crate::engine::trace::Trace;
use crate::load::{Library, LoadedTarget, load_target};
use crate::model::target::{Declared, Target};
use crate::probe::case::PresecProbe;
use crate::probe::reach::Reach;
use crate::probe::target::ResolvedTarget;
use crate::probe::tls::TlsProbeSettings;
use crate::testbed::{OriginServer, OriginSettings};

use super::args::RunArgs;
use super::context::Context;
use super::failure::Failure;
use super::reference::{Embedded, Shape};
use super::resolve::{origin_tls, resolve};

/// Connections of a whole run unless the target file says otherwise.
const USUAL_BUDGET: u32 = 20_000;

/// New connections per second beyond loopback unless the target file says otherwise.
const POLITE_RATE: u32 = 50;

/// Time and seed of a run.
pub(crate) type TimeAndSeed = (Arc<dyn Clock>, u64);

/// Everything around one target.
pub(crate) struct Place {
    /// The target file.
    pub(crate) loaded: LoadedTarget,
    /// The target, resolved.
    pub(crate) target: Arc<ResolvedTarget>,
    /// Acts towards it.
    pub(crate) probe: Arc<PresecProbe>,
    observer: Option<Arc<OriginServer>>,
    embedded: Option<Embedded>,
}

/// What a place is made with besides its target file.
struct Surroundings {
    clock: Arc<dyn Clock>,
    /// Waits where a step takes its time on purpose.
    pace: Arc<dyn Clock>,
    seed: u64,
    observer: Option<Arc<OriginServer>>,
}

impl Surroundings {
    /// Around a target that has a clock of its own, so that whoever takes his time has to wait.
    fn real((clock, seed): TimeAndSeed, observer: Option<Arc<OriginServer>>) -> Self {
        Self {
            pace: Arc::clone(&clock),
            clock,
            seed,
            observer,
        }
    }
}

impl Place {
    /// The place of a run.
    ///
    /// # Errors
    /// A target file that cannot be used, or an observer or reference target that cannot start.
    pub(crate) async fn open(
        args: &RunArgs,
        library: &Library,
        context: &Context,
        time_and_seed: TimeAndSeed,
    ) -> Result<Self, Failure> {
        if let Some(path) = &args.target {
            return Self::of_file(path, library, context, time_and_seed).await;
        }
        let shape = Shape {
            defects: args.defects.clone(),
            topology: args.topology.clone(),
            client_certificate: args.client_certificate.clone(),
            auth_mode: args.auth_mode.clone(),
            roles: args.select.roles.clone(),
        };
        let embedded = Embedded::start(&shape, &time_and_seed).await?;
        let mut loaded = load_target(&embedded.target_file())?;
        for origin in loaded.policy_origins.values_mut() {
            "embedded reference target".clone_into(origin);
        }
        let mut around = Surroundings::real(time_and_seed, embedded.observer());
        around.pace = Arc::new(embedded.pace(&around.clock));
        let mut place = Self::around(loaded, library, context, around)?;
        place.embedded = Some(embedded);
        Ok(place)
    }

    /// The place of a target file.
    ///
    /// # Errors
    /// A target file that cannot be used, or an observer that cannot start.
    pub(crate) async fn of_file(
        path: &Path,
        library: &Library,
        context: &Context,
        time_and_seed: TimeAndSeed,
    ) -> Result<Self, Failure> {
        let loaded = load_target(path)?;
        let observer = start_observer(&loaded, &time_and_seed.0).await?;
        let around = Surroundings::real(time_and_seed, observer);
        Self::around(loaded, library, context, around)
    }

    fn around(
        loaded: LoadedTarget,
        library: &Library,
        context: &Context,
        around: Surroundings,
    ) -> Result<Self, Failure> {
        let Surroundings {
            clock,
            pace,
            seed,
            observer,
        } = around;
        let resolved = resolve(&loaded, context).map_err(|message| loaded.placed(&message));
        let target = Arc::new(resolved.map_err(Failure::usage)?);
        check_scope(&loaded.target, &target)?;
        let limiter = limiter(&loaded.target, &target, &clock);
        let settings = TlsProbeSettings {
            target: Arc::clone(&target),
            registry: Arc::new(library.suites.clone()),
            baseline: library
                .sets
                .get("baseline")
                .iter()
                .flat_map(|set| set.iter())
                .map(|suite| suite.0)
                .collect(),
            limiter: Arc::new(limiter),
            clock,
            pace,
            seed,
            trace: Trace::none(),
            reach: Reach::default(),
        };
        let testbed = observer
            .clone()
            .map(|observer| observer as Arc<dyn Testbed>);
        let probe = Arc::new(PresecProbe::new(settings, testbed));
        Ok(Self {
            loaded,
            target,
            probe,
            observer,
            embedded: None,
        })
    }

    /// The place of a plan: nothing is started that a target of the user would notice.
    ///
    /// # Errors
    /// A target file that cannot be used.
    pub(crate) async fn planned(
        args: &RunArgs,
        library: &Library,
        context: &Context,
        time_and_seed: TimeAndSeed,
    ) -> Result<Self, Failure> {
        match &args.target {
            Some(path) => {
                let around = Surroundings::real(time_and_seed, None);
                Self::around(load_target(path)?, library, context, around)
            }
            None => Self::open(args, library, context, time_and_seed).await,
        }
    }

    /// The place of a target file, without presec's observer.
    ///
    /// # Errors
    /// A target file that cannot be used.
    pub(crate) fn unwatched(
        path: &Path,
        library: &Library,
        context: &Context,
        time_and_seed: TimeAndSeed,
    ) -> Result<Self, Failure> {
        let around = Surroundings::real(time_and_seed, None);
        Self::around(load_target(path)?, library, context, around)
    }

    /// Whether the target is the embedded one.
    pub(crate) fn is_embedded(&self) -> bool {
        self.embedded.is_some()
    }

    /// Stops what was started.
    pub(crate) async fn close(self) {
        if let Some(observer) = &self.observer {
            observer.stop().await;
        }
        if let Some(embedded) = self.embedded {
            embedded.stop().await;
        }
    }
}

async fn start_observer(
    loaded: &LoadedTarget,
    clock: &Arc<dyn Clock>,
) -> Result<Option<Arc<OriginServer>>, Failure> {
    let Some(declared) = loaded
        .target
        .origin_observer
        .as_ref()
        .and_then(Declared::given)
    else {
        return Ok(None);
    };
    let settings = OriginSettings {
        listen: declared.listen.clone(),
        tls: origin_tls(declared, &loaded.folder).map_err(Failure::usage)?,
        forward_to: declared.forward_to.clone(),
        identity_headers: loaded.target.identity_headers.clone(),
        ..OriginSettings::default()
    };
    let server = OriginServer::start_at(settings, Some(Arc::clone(clock)))
        .await
        .map_err(|error| Failure::trouble(format!("origin_observer: {error}")))?;
    Ok(Some(Arc::new(server)))
}

fn limiter(target: &Target, resolved: &ResolvedTarget, clock: &Arc<dyn Clock>) -> Limiter {
    let loopback = resolved.address.ip().is_loopback();
    let rate =
        target
            .limits
            .connections_per_second
            .or(if loopback { None } else { Some(POLITE_RATE) });
    Limiter::new(
        Arc::clone(clock),
        target.limits.connections.unwrap_or(USUAL_BUDGET),
        rate,
    )
}

/// Nothing beyond loopback is touched unless it is named and somebody authorised it.
fn check_scope(target: &Target, resolved: &ResolvedTarget) -> Result<(), Failure> {
    let clear = resolved
        .clear
        .as_ref()
        .map(|clear| (clear.host.as_str(), clear.address));
    let places = [Some((resolved.host.as_str(), resolved.address)), clear];
    for (host, address) in places.into_iter().flatten() {
        if address.ip().is_loopback() {
            continue;
        }
        let ip = address.ip().to_string();
        let named = target
            .scope
            .hosts
            .iter()
            .any(|entry| *entry == host || *entry == ip);
        if !named || target.scope.authorised_by.is_none() {
            return Err(Failure::usage(format!(
                "{host} ({ip}) is not loopback: name it in scope.hosts and say in scope.authorised_by who allowed the test"
            )));
        }
    }
    Ok(())
}
