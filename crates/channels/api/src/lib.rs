//! The API channel: who may do what through the API server, exactly as it decides by RBAC.
