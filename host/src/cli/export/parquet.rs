//! Parquet, made of the rows that the component renders as CSV: the same columns, with types, and a
//! null for an empty cell. Lists and objects stay the texts that they are there.
//!
//! Only in a build with the feature `parquet`. Keeps one group of rows in memory. `make formats` has
//! what it writes read by pyarrow.

use std::sync::Arc;

use parquet::{
    basic::{Compression, LogicalType, Repetition, TimeUnit, Type as Physical},
    data_type::{BoolType, ByteArray, ByteArrayType, DataType, FloatType, Int64Type},
    errors::{ParquetError, Result},
    file::{
        properties::WriterProperties,
        writer::{SerializedFileWriter, SerializedRowGroupWriter},
    },
    schema::types::Type,
};

use crate::time;

/// Begins with the first row, which names the columns.
#[derive(Default)]
pub(super) struct Encoder {
    columns: Vec<Column>,
    writer: Option<SerializedFileWriter<Vec<u8>>>,
    n_bytes: usize,
}

struct Column {
    kind: Kind,
    /// Of the group of rows; absent for an empty cell.
    cells: Vec<Option<String>>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Kind {
    Text,
    Integer,
    Score,
    Flag,
    /// Milliseconds since 1970, in UTC.
    Time,
}

impl Encoder {
    /// Whole rows in, and as much of the file as is ready.
    pub(super) fn push(&mut self, rows: &[u8]) -> Result<Vec<u8>> {
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .from_reader(rows);
        let mut row = csv::StringRecord::new();
        while reader
            .read_record(&mut row)
            .map_err(|error| ParquetError::External(Box::new(error)))?
        {
            if self.writer.is_none() {
                self.begin(&row)?;
                continue;
            }
            for (column, cell) in self.columns.iter_mut().zip(&row) {
                self.n_bytes += cell.len() + PER_CELL;
                column
                    .cells
                    .push((!cell.is_empty()).then(|| cell.to_owned()));
            }
        }
        if self.n_bytes >= GROUP {
            self.write_group()?;
        }
        Ok(self.ready())
    }

    /// The rest of the file.
    pub(super) fn finish(&mut self) -> Result<Vec<u8>> {
        self.write_group()?;
        if let Some(writer) = &mut self.writer {
            writer.finish()?;
        }
        Ok(self.ready())
    }

    fn begin(&mut self, header: &csv::StringRecord) -> Result<()> {
        let fields = header
            .iter()
            .map(|name| field(name).map(Arc::new))
            .collect::<Result<_>>()?;
        let schema = Type::group_type_builder("rows")
            .with_fields(fields)
            .build()?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_created_by(concat!("qonduit ", env!("CARGO_PKG_VERSION")).to_owned())
            .build();
        self.columns = header
            .iter()
            .map(|name| Column {
                kind: kind(name),
                cells: Vec::new(),
            })
            .collect();
        let writer = SerializedFileWriter::new(Vec::new(), Arc::new(schema), Arc::new(properties))?;
        self.writer = Some(writer);
        Ok(())
    }

    fn write_group(&mut self) -> Result<()> {
        let has_rows = self.columns.first().is_some_and(|it| !it.cells.is_empty());
        let Some(writer) = self.writer.as_mut().filter(|_| has_rows) else {
            return Ok(());
        };
        let mut group = writer.next_row_group()?;
        for column in &mut self.columns {
            let cells = std::mem::take(&mut column.cells);
            match column.kind {
                Kind::Text => {
                    write::<ByteArrayType>(&mut group, cells, |text| Some(ByteArray::from(text)))
                }
                Kind::Integer => write::<Int64Type>(&mut group, cells, |text| text.parse().ok()),
                Kind::Score => write::<FloatType>(&mut group, cells, |text| text.parse().ok()),
                Kind::Flag => write::<BoolType>(&mut group, cells, |text| text.parse().ok()),
                Kind::Time => write::<Int64Type>(&mut group, cells, |text| {
                    let (second, _) = time::span(text)?;
                    Some(second * 1_000)
                }),
            }?;
        }
        group.close()?;
        self.n_bytes = 0;
        Ok(())
    }

    fn ready(&mut self) -> Vec<u8> {
        let taken = |writer: &mut SerializedFileWriter<_>| {
            // What is written to memory cannot fail.
            let _ = writer.flush();
            std::mem::take(writer.inner_mut())
        };
        self.writer.as_mut().map(taken).unwrap_or_default()
    }
}

/// One column. A cell that is not of its type would be a mistake of ours, and is an error.
fn write<T: DataType>(
    group: &mut SerializedRowGroupWriter<'_, Vec<u8>>,
    cells: Vec<Option<String>>,
    read: impl Fn(&str) -> Option<T::T>,
) -> Result<()> {
    let levels: Vec<i16> = cells.iter().map(|it| it.is_some().into()).collect();
    let value = |text: String| {
        read(&text).ok_or_else(|| ParquetError::General(format!("`{text}` is not of its column")))
    };
    let values = cells
        .into_iter()
        .flatten()
        .map(value)
        .collect::<Result<Vec<_>>>()?;
    let Some(mut column) = group.next_column()? else {
        return Err(ParquetError::General("a column too many".to_owned()));
    };
    column
        .typed::<T>()
        .write_batch(&values, Some(&levels), None)?;
    column.close()
}

fn field(name: &str) -> Result<Type> {
    let (physical, logical) = match kind(name) {
        Kind::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
        Kind::Integer => (Physical::INT64, None),
        Kind::Score => (Physical::FLOAT, None),
        Kind::Flag => (Physical::BOOLEAN, None),
        Kind::Time => {
            let millis = LogicalType::timestamp(true, TimeUnit::MILLIS);
            (Physical::INT64, Some(millis))
        }
    };
    Type::primitive_type_builder(name, physical)
        .with_repetition(Repetition::OPTIONAL)
        .with_logical_type(logical)
        .build()
}

fn kind(name: &str) -> Kind {
    let is_in = |names: &str| names.split_whitespace().any(|it| it == name);
    if is_in(INTEGERS) {
        Kind::Integer
    } else if is_in(SCORES) {
        Kind::Score
    } else if is_in(TIMES) {
        Kind::Time
    } else if is_in(FLAGS) {
        Kind::Flag
    } else {
        Kind::Text
    }
}

/// Names of columns, as docs/export-formats.md has them.
const INTEGERS: &str = "asset_id host_id web_app_id qualys_asset_id network_id trurisk criticality
    open_findings open_critical open_high open_medium open_low open_info finding_id qid
    qualys_severity qds port times_found web_finding_id original_severity findings";
const SCORES: &str = "risk_score";
const TIMES: &str =
    "first_found last_vm_scan last_check_in last_seen gone created updated last_found
    last_test last_update last_fixed closed first_seen due published modified patch_published
    end_of_life installed";
const FLAGS: &str = "is_partial is_open is_patchable ssl is_ignored is_disabled is_protected
    affects_running_kernel affects_running_service affects_exploitable_config is_package";

/// Bytes of cells that become one group of rows.
const GROUP: usize = 16 * 1024 * 1024;
/// What an empty cell takes, too.
const PER_CELL: usize = 24;
