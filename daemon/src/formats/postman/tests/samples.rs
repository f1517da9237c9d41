//! Files of others.

use super::*;
use std::{fs, path::Path};

#[test]
fn files_of_others_are_read_or_refused_with_a_reason() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/postman/collections");
    // File, name, (folders, requests, examples), variables, notes; or why it is refused.
    let hoppscotch = Err("This is a collection of Hoppscotch, not of Postman.");
    let known = [
        ("2917hs__postman_collection.json", Ok(("appsync-postman-sync", (2, 6, 0), 3, 0))),
        ("2_postmanlabs__testcollection_collection.json", Ok(("Code-Gen Test Cases", (0, 23, 4), 0, 0))),
        ("2_postmanlabs__testcollection_collectionForEdge.json", Ok(("collectionForEdge", (0, 1, 0), 0, 0))),
        ("3_postmanlabs__testcollection_collection.json", Ok(("Code-Gen Test Cases", (0, 23, 3), 0, 0))),
        ("Kong__postman_api-key-default-v2_1-input.json", Ok(("New Collection", (0, 1, 0), 0, 0))),
        ("Kong__postman_api-key-header-v2_1-input.json", Ok(("New Collection", (0, 1, 0), 0, 0))),
        ("Kong__postman_api-key-queryParams-v2_1-input.json", Ok(("New Collection", (0, 1, 0), 0, 0))),
        ("NeuraLegion__fixtures_misused-variable.postman_collection.json", Ok(("httpbin.org", (3, 3, 0), 2, 0))),
        // Its path has a variable that `raw` has not.
        ("NeuraLegion__fixtures_no-such-variables.postman_collection.json", Ok(("Swagger Petstore", (0, 1, 0), 0, 1))),
        ("NeuraLegion__fixtures_postman-v2.1.json", Ok(("Swagger Petstore", (0, 1, 0), 0, 0))),
        (
            "adobe__experience-platform_Access_Control_API.postman_collection.json",
            Ok(("Access Control API", (1, 2, 0), 0, 0)),
        ),
        (
            "adobe__experience-platform_Audit_Query_API_Beta_.postman_collection.json",
            Ok(("Audit Query API (Beta)", (1, 2, 0), 0, 0)),
        ),
        (
            "adobe__experience-platform_Catalog_Service_API.postman_collection.json",
            Ok(("Catalog Service API", (4, 18, 0), 0, 0)),
        ),
        // Version 1 kept the bodies of methods that had none.
        ("grafana__v1_echo.json", Ok(("Postman Echo (shamasified)", (6, 19, 6), 0, 6))),
        ("grafana__v1_github.json", Ok(("Github", (2, 10, 0), 0, 0))),
        ("grafana__v1_hackernews.json", Ok(("HackerNews API", (3, 8, 1), 0, 5))),
        ("hoppscotch__collections_aws-signature-auth-coll.json", hoppscotch),
        ("hoppscotch__collections_coll-v1-req-v0.json", hoppscotch),
        ("hoppscotch__collections_coll-v1-req-v1.json", hoppscotch),
        ("postmanlabs__31CollectionTransactions_479col.json", Ok(("Swagger Petstore", (1, 1, 1), 1, 0))),
        (
            "postmanlabs__31CollectionTransactions_compositeSchemaCollection.json",
            Ok(("Swagger Petstore", (1, 3, 3), 1, 0)),
        ),
        (
            "postmanlabs__31CollectionTransactions_compositeSchemaNullableCollection.json",
            Ok(("Swagger Petstore", (1, 3, 3), 1, 0)),
        ),
        (
            "postmanlabs__bom-and-encoding_bom-in-collection-file.postman_collection.json",
            Ok(("Sample Postman Collection", (0, 3, 0), 0, 0)),
        ),
        (
            "postmanlabs__bom-and-encoding_bom-in-environment-file.postman_collection.json",
            Ok(("Example Collection with a single GET request", (0, 1, 0), 0, 0)),
        ),
        (
            "postmanlabs__bom-and-encoding_utf16-le-encoding-in-env.postman_collection.json",
            Ok(("Sample Postman Collection", (0, 1, 0), 0, 0)),
        ),
        ("postmanlabs__examples_collection-v2.json", Ok(("HTTP Status Messages", (4, 7, 2), 5, 1))),
    ];
    let mut files: Vec<_> =
        fs::read_dir(&folder).unwrap().map(|f| f.unwrap().file_name().into_string().unwrap()).collect();
    files.sort();
    assert_eq!(files, known.map(|(file, _)| file));
    for (file, expected) in known {
        let found = read(&fs::read(folder.join(file)).unwrap());
        let summary = found.as_ref().map(|read| {
            let collection = &read.collections[0];
            (collection.name.as_str(), counted(&collection.items), collection.variables.len(), read.notes.len())
        });
        assert_eq!(summary.map_err(|e| e.message.as_str()), expected, "{file}");
        let Ok(read) = &found else { continue };
        // What was read is written, and read again the same.
        for version in [Version::V21, Version::V20] {
            let written = write(&read.collections[0], version, None);
            assert_eq!(one(&written.file), read.collections[0], "{file}");
            assert_eq!(schema::wrong(&written.file), None, "{file}");
        }
    }
}
