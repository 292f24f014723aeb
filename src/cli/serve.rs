//! `presec serve`: the reference target for other testers, demonstrations and this tester's own tests.

use std::fmt::Write as _;
use std::sync::Arc;

use serde_json::json;

use crate::engine::gate::Exit;
use crate::reference::defect::Defect;
use crate::reference::settings::{ListenSettings, OriginPlace, ReferenceSettings};
use crate::reference::start::Reference;

use super::args::ServeArgs;
use super::clock::SystemClock;
use super::context::say;
use super::failure::Failure;
use super::reference::{Description, Shape, settings};
use super::stop::Signals;

/// Serves until Ctrl-C.
///
/// # Errors
/// Settings that do not exist, or a port that is taken.
pub(crate) async fn serve(args: &ServeArgs) -> Result<Exit, Failure> {
    if args.list_defects {
        say(&defects());
        return Ok(Exit::Met);
    }
    let settings = with_ports(
        args,
        settings(&shape(args), &(Arc::new(SystemClock::new()), 1))?,
    )?;
    let (topology, policy) = (settings.topology, settings.client_certificate);
    let auth_mode = settings.auth_mode;
    let reference = Reference::start(settings)
        .await
        .map_err(|error| Failure::trouble(format!("the reference target cannot start: {error}")))?;
    let mut text = format!(
        "tls      {}\nclear    {}\ncontrol  {}\n",
        reference.tls_address(),
        reference.clear_address(),
        reference.control_address()
    );
    if let Some(store) = reference.store_address() {
        let _ = writeln!(text, "store    {store}");
    }
    if let Some(folder) = &args.write_target {
        let origin = args
            .origin
            .as_ref()
            .map(|listen| json!({ "listen": listen }));
        Description {
            reference: &reference,
            topology,
            policy,
            auth_mode,
            origin,
            roles: &[],
        }
        .write(folder)?;
        let _ = writeln!(text, "target   {}", folder.join("target.yaml").display());
    }
    let mut signals = Signals::listen();
    say(&format!("{text}Ctrl-C ends it.\n"));
    signals.next().await;
    reference.stop().await;
    Ok(Exit::Met)
}

fn shape(args: &ServeArgs) -> Shape {
    Shape {
        defects: args.defects.clone(),
        topology: Some(args.topology.clone()),
        client_certificate: Some(args.client_certificate.clone()),
        auth_mode: Some(args.auth_mode.clone()),
        roles: Vec::new(),
    }
}

fn with_ports(
    args: &ServeArgs,
    mut settings: ReferenceSettings,
) -> Result<ReferenceSettings, Failure> {
    if args.port != 0 {
        let port = |offset: u16| {
            args.port.checked_add(offset).ok_or_else(|| {
                Failure::usage(format!("--port {}: four ports are needed", args.port))
            })
        };
        settings.listen = ListenSettings {
            tls: args.port,
            clear: port(1)?,
            store: port(2)?,
            control: port(3)?,
            ..ListenSettings::default()
        };
    }
    if let Some(origin) = &args.origin {
        let address = origin.parse().map_err(|_| {
            Failure::usage(format!(
                "--origin {origin}: write an address such as 127.0.0.1:9080"
            ))
        })?;
        settings.origin = OriginPlace::Forward(address);
    }
    Ok(settings)
}

fn defects() -> String {
    let mut text = String::new();
    for defect in Defect::all() {
        let _ = writeln!(
            text,
            "{}\n    {}\n    {}",
            defect.name(),
            defect.point(),
            defect.scenarios().join(" ")
        );
    }
    text
}
