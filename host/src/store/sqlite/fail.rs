//! What went wrong in SQLite, told to whoever can act on it.

use std::{path::Path, sync::Arc};

use rusqlite::{Error, ErrorCode};

use crate::store::{Cause, StoreError};

/// Inside this folder: either SQLite's own error, or one that already has its words.
#[derive(Debug)]
pub(super) enum Fail {
    Sql(Error),
    Told(StoreError),
}

pub(super) type Result<T> = std::result::Result<T, Fail>;

impl From<Error> for Fail {
    fn from(error: Error) -> Self {
        Fail::Sql(error)
    }
}

impl From<StoreError> for Fail {
    fn from(error: StoreError) -> Self {
        Fail::Told(error)
    }
}

impl Fail {
    pub(super) fn told(self, file: &Path, operation: &'static str) -> StoreError {
        let error = match self {
            Fail::Told(error) => return error,
            Fail::Sql(error) => error,
        };
        let code = error.sqlite_error_code();
        let is_unreadable = matches!(
            error,
            Error::FromSqlConversionFailure(..)
                | Error::InvalidColumnType(..)
                | Error::IntegralValueOutOfRange(..)
        );
        let (file, source): (_, Cause) = (file.to_owned(), Arc::new(error));
        match code {
            Some(ErrorCode::NotADatabase) => StoreError::NotADatabase { file },
            Some(ErrorCode::CannotOpen) => StoreError::Unopenable { file, source },
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
                StoreError::Unwritable { file, source }
            }
            Some(ErrorCode::DiskFull) => StoreError::Full { file, source },
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                StoreError::Busy { file, source }
            }
            Some(ErrorCode::DatabaseCorrupt) => StoreError::Damaged { file, source },
            Some(ErrorCode::OperationInterrupted) => StoreError::TooSlow,
            Some(ErrorCode::SystemIoFailure) => StoreError::Disk { file, source },
            _ if is_unreadable => StoreError::Damaged { file, source },
            _ => StoreError::Bug {
                operation,
                file,
                source,
            },
        }
    }
}
