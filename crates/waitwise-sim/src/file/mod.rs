//! The model file, `waitwise-model/1`: TOML or JSON, one shape for both.

mod shape;
mod whole;

pub use self::shape::ModelShape;

use serde::de::Deserializer;

use crate::error::Problem;
use crate::model::Model;
use crate::policy::Policy;

/// What a model file must say that it is.
pub const FORMAT: &str = "waitwise-model/1";

/// What a model file says.
#[derive(Clone, Debug)]
pub struct Described {
    /// What the centre is called.
    pub name: Option<String>,
    /// The centre.
    pub model: Model,
    /// Who of those waiting goes first.
    pub policy: Policy,
}

/// A model file that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// It is no TOML.
    #[error("line {line}: {said}")]
    Toml {
        /// Where, from 1.
        line: usize,
        /// What the parser says.
        said: String,
    },
    /// It is no JSON.
    #[error("line {line}, column {column}: this is no JSON")]
    Json {
        /// Where, from 1.
        line: usize,
        /// Where in the line, from 1.
        column: usize,
    },
    /// A field cannot be used.
    #[error(transparent)]
    Field(#[from] Problem),
}

/// Reads a model file in TOML.
///
/// # Errors
/// It is no TOML, or the first field that cannot be used.
pub fn from_toml(text: &str) -> Result<Described, ReadError> {
    let table: toml::Table = text.parse().map_err(|error| no_toml(text, &error))?;
    described(table)
}

/// Reads a model file in JSON.
///
/// # Errors
/// It is no JSON, or the first field that cannot be used.
pub fn from_json(text: &str) -> Result<Described, ReadError> {
    let mut json = serde_json::Deserializer::from_str(text);
    let shape = shape(&mut json).map_err(|error| {
        let inner = error.inner();
        if inner.is_data() {
            ReadError::Field(field(&error))
        } else {
            no_json(inner)
        }
    })?;
    json.end().map_err(|error| no_json(&error))?;
    Ok(whole::described(shape)?)
}

fn described(table: toml::Table) -> Result<Described, ReadError> {
    let shape = shape(table).map_err(|error| field(&error))?;
    Ok(whole::described(shape)?)
}

fn shape<'de, D: Deserializer<'de>>(
    from: D,
) -> Result<ModelShape, serde_path_to_error::Error<D::Error>> {
    serde_path_to_error::deserialize(from)
}

/// The field that cannot be read, as a problem.
fn field<E: std::fmt::Display>(error: &serde_path_to_error::Error<E>) -> Problem {
    let path = error.path().to_string();
    let place = if path == "." { "" } else { &path };
    // The JSON parser adds the place; the field says it better.
    let said = error.inner().to_string();
    let said = said.split(" at line ").next().unwrap_or(&said);
    let said = said.lines().next().unwrap_or(said);
    Problem::at(place, format!("cannot be read: {said}"))
}

fn no_toml(text: &str, error: &toml::de::Error) -> ReadError {
    let start = error.span().map_or(0, |span| span.start);
    let before = text.get(..start).unwrap_or(text);
    ReadError::Toml {
        line: before.matches('\n').count() + 1,
        said: error.message().to_owned(),
    }
}

fn no_json(error: &serde_json::Error) -> ReadError {
    ReadError::Json {
        line: error.line(),
        column: error.column(),
    }
}

#[cfg(test)]
mod tests;
