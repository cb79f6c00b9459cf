//! Tables, and their streams as the other API reads them.

use serde_json::{Value, json};

use crate::{failure::Failure, state::State, table::Table};

impl State {
    pub(crate) fn administer(
        &mut self,
        operation: &str,
        request: &Value,
    ) -> Result<Value, Failure> {
        match operation {
            "CreateTable" => self.create_table(request),
            "DescribeTable" => Ok(json!({"Table": self.table(request)?.1.describe()})),
            "DeleteTable" => {
                let (name, table) = self.table(request)?;
                let told = table.describe();
                self.tables.remove(&name);
                Ok(json!({"TableDescription": told}))
            }
            "ListTables" => Ok(json!({"TableNames": self.tables.keys().collect::<Vec<_>>()})),
            "UpdateTimeToLive" => {
                let asked = request["TimeToLiveSpecification"].clone();
                let (name, table) = self.table(request)?;
                if table.time_to_live.is_some() {
                    return Err(Failure::validation("TimeToLive is already enabled"));
                }
                if let Some(table) = self.tables.get_mut(&name) {
                    table.time_to_live = Some(asked.clone());
                }
                Ok(json!({"TimeToLiveSpecification": asked}))
            }
            "DescribeTimeToLive" => {
                let (_, table) = self.table(request)?;
                let name = table
                    .time_to_live
                    .as_ref()
                    .map(|set| set["AttributeName"].clone());
                let status = if name.is_some() {
                    "ENABLED"
                } else {
                    "DISABLED"
                };
                Ok(
                    json!({"TimeToLiveDescription": {"TimeToLiveStatus": status, "AttributeName": name}}),
                )
            }
            "DescribeStream" => self.describe_stream(request),
            "GetShardIterator" => self.get_shard_iterator(request),
            "GetRecords" => self.get_records(request),
            other => Err(Failure::new(
                "UnknownOperationException",
                format!("{other} is not simulated"),
            )),
        }
    }

    fn create_table(&mut self, request: &Value) -> Result<Value, Failure> {
        let name = request["TableName"].as_str().unwrap_or_default();
        if self.tables.contains_key(name) {
            return Err(Failure::new(
                "ResourceInUseException",
                format!("Table already exists: {name}"),
            ));
        }
        let table = Table::new(request, self.shards)?;
        let told = table.describe();
        self.tables.insert(name.to_owned(), table);
        Ok(json!({"TableDescription": told}))
    }

    fn table_of_stream(&mut self, arn: &Value) -> Result<&mut Table, Failure> {
        let arn = arn.as_str().unwrap_or_default();
        let mut tables = self.tables.values_mut();
        let table = tables.find(|table| arn.starts_with(&format!("{}/stream/", table.arn())));
        table.ok_or_else(|| Failure::new("ResourceNotFoundException", "there is no such stream"))
    }

    fn describe_stream(&mut self, request: &Value) -> Result<Value, Failure> {
        let table = self.table_of_stream(&request["StreamArn"])?;
        let shards = table.stream.iter().flat_map(|stream| stream.shards());
        let after = request["ExclusiveStartShardId"]
            .as_str()
            .unwrap_or_default();
        let shards: Vec<_> = shards.filter(|shard| shard.id.as_str() > after)
            .map(|shard| {
            let mut told = json!({"ShardId": shard.id, "SequenceNumberRange": {"StartingSequenceNumber": "1"}});
            if let Some(parent) = &shard.parent {
                told["ParentShardId"] = json!(parent);
            }
            if shard.is_closed {
                told["SequenceNumberRange"]["EndingSequenceNumber"] = json!("9".repeat(30));
            }
            told
        }).collect();
        Ok(json!({"StreamDescription": {
            "StreamArn": request["StreamArn"], "StreamStatus": "ENABLED", "Shards": shards,
        }}))
    }

    fn get_shard_iterator(&mut self, request: &Value) -> Result<Value, Failure> {
        let missing = || Failure::new("ResourceNotFoundException", "there is no such shard");
        let table = self.table_of_stream(&request["StreamArn"])?;
        let stream = table.stream.as_ref().ok_or_else(missing)?;
        let id = request["ShardId"].as_str().unwrap_or_default();
        let shard = stream.shards().iter().find(|shard| shard.id == id);
        let newest = shard.ok_or_else(missing)?.newest();
        let number = request["SequenceNumber"].as_str();
        let number = number.and_then(|number| number.parse::<u128>().ok());
        let after = match (request["ShardIteratorType"].as_str(), number) {
            (Some("TRIM_HORIZON"), _) => None,
            (Some("LATEST"), _) => newest,
            (Some("AFTER_SEQUENCE_NUMBER"), Some(number)) => Some(number),
            (Some("AT_SEQUENCE_NUMBER"), Some(number)) => Some(number - 1),
            _ => return Err(Failure::validation("there is no such iterator")),
        };
        let after = after.map(|after| after.to_string());
        let iterator = json!([request["StreamArn"], id, after]);
        Ok(json!({"ShardIterator": iterator.to_string()}))
    }

    fn get_records(&mut self, request: &Value) -> Result<Value, Failure> {
        let iterator = request["ShardIterator"].as_str().unwrap_or_default();
        let mut iterator: Value = serde_json::from_str(iterator).unwrap_or_default();
        let now = self.now_us();
        let limit = request["Limit"]
            .as_u64()
            .and_then(|limit| usize::try_from(limit).ok())
            .unwrap_or(1_000);
        let table = self.table_of_stream(&iterator[0])?;
        let missing = || Failure::new("ResourceNotFoundException", "there is no such stream");
        let stream = table.stream.as_mut().ok_or_else(missing)?;
        stream.trim(now);
        let shard = iterator[1].as_str().unwrap_or_default().to_owned();
        let (mut records, is_last) = stream
            .records(&shard, iterator[2].as_str(), limit)
            .map_err(|_| {
                Failure::new("TrimmedDataAccessException", "records behind it are gone")
            })?;
        for record in &mut records {
            // This API has no source in its records.
            if let Some(members) = record.as_object_mut() {
                members.remove("eventSourceARN");
            }
        }
        if let Some(last) = records.last() {
            iterator[2] = last["dynamodb"]["SequenceNumber"].clone();
        }
        let mut answer = json!({"Records": records});
        if !is_last {
            answer["NextShardIterator"] = json!(iterator.to_string());
        }
        Ok(answer)
    }
}
