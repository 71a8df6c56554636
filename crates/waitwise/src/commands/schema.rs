//! `waitwise schema`

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use waitwise_app::plan_file::file::PlanShape;
use waitwise_app::sim::file::ModelShape;

use super::plan::NoPlanShape;
use super::run::RunShape;
use super::sandbox::ExportShape;
use super::weights_file::WeightsFile;
use crate::args::{SchemaArgs, SchemaOf};
use crate::output::call_records::RehearsalShape;
use crate::output::change::AppliedShape;
use crate::output::demo::DemoShape;
use crate::output::doctor::DoctorShape;
use crate::output::explain::ExplainShape;
use crate::output::history::{CheckedShape, PulledShape};
use crate::output::imported::ImportedShape;
use crate::output::init::InitShape;
use crate::output::journal::{ChangesShape, JournalShape};
use crate::output::json::{self, AnalysisShape};
use crate::output::kept::ListedShape;
use crate::output::pruned::PrunedShape;
use crate::output::simulation::SimulationShape;
use crate::output::twin::{BacktestShape, PredictionShape};
use crate::settings::File;

pub(crate) fn run(args: &SchemaArgs) {
    json::answer(&match args.of {
        SchemaOf::Config => read::<File>(),
        SchemaOf::Plan => of::<PlanShape>(),
        SchemaOf::NoPlan => of::<NoPlanShape>(),
        SchemaOf::Analysis => of::<AnalysisShape>(),
        SchemaOf::Run => of::<RunShape>(),
        SchemaOf::Change => of::<AppliedShape>(),
        SchemaOf::Changes => of::<ChangesShape>(),
        SchemaOf::Journal => of::<JournalShape>(),
        SchemaOf::Explain => of::<ExplainShape>(),
        SchemaOf::HistoryPull => of::<PulledShape>(),
        SchemaOf::HistoryCheck => of::<CheckedShape>(),
        SchemaOf::HistoryImportDryRun => of::<RehearsalShape>(),
        SchemaOf::HistoryImport => of::<ImportedShape>(),
        SchemaOf::HistoryList => of::<ListedShape>(),
        SchemaOf::HistoryPrune => of::<PrunedShape>(),
        SchemaOf::Init => of::<InitShape>(),
        SchemaOf::Doctor => of::<DoctorShape>(),
        SchemaOf::SandboxExport => of::<ExportShape>(),
        SchemaOf::Prediction => of::<PredictionShape>(),
        SchemaOf::Backtest => of::<BacktestShape>(),
        SchemaOf::Weights => read::<WeightsFile>(),
        SchemaOf::Demo => of::<DemoShape>(),
        SchemaOf::Model => read::<ModelShape>(),
        SchemaOf::Simulation => of::<SimulationShape>(),
    });
}

/// The schema of what this version writes: every member that it always writes is required.
fn of<T: JsonSchema>() -> Schema {
    settings()
        .for_serialize()
        .into_generator()
        .into_root_schema_for::<T>()
}

/// The schema of what this version reads.
fn read<T: JsonSchema>() -> Schema {
    settings()
        .for_deserialize()
        .into_generator()
        .into_root_schema_for::<T>()
}

fn settings() -> SchemaSettings {
    SchemaSettings::draft2020_12()
}
