//! Lists in pages.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::IamCall;
use crate::state::directory::DirectoryError;
use crate::wire::xml::Writer;

/// How many items a page holds when the caller asks for no number.
///
/// Source: IAM API Reference, `MaxItems` of every list operation.
pub(super) const ITEMS_DEFAULT: u32 = 100;

/// Writes one page of a list: its items in the order of their keys, and where it goes on.
///
/// The marker holds the key of the last item, so that a page starts where the one before it ended
/// although items were deleted in between.
pub(super) fn write<T>(
    call: &IamCall<'_>,
    xml: &mut Writer,
    list: &'static str,
    items: impl Iterator<Item = (String, T)>,
    mut write_item: impl FnMut(&mut Writer, T),
) -> Result<(), DirectoryError> {
    let after = call.get("Marker").map(key_of).transpose()?;
    let mut rest: Vec<_> =
        items.filter(|(key, _)| after.as_ref().is_none_or(|after| key > after)).collect();
    rest.sort_by(|(left, _), (right, _)| left.cmp(right));
    let items_max = usize::try_from(call.integer("MaxItems").unwrap_or(ITEMS_DEFAULT))
        .expect("MaxItems is at most a thousand");
    let is_truncated = rest.len() > items_max;
    rest.truncate(items_max);
    let marker = rest.last().filter(|_| is_truncated).map(|(key, _)| URL_SAFE_NO_PAD.encode(key));
    xml.open(list);
    for (_, item) in rest {
        write_item(xml, item);
    }
    xml.close(list).leaf("IsTruncated", is_truncated.to_string()).leaf_if("Marker", marker);
    Ok(())
}

fn key_of(marker: &str) -> Result<String, DirectoryError> {
    let key = URL_SAFE_NO_PAD.decode(marker).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    key.ok_or_else(|| DirectoryError::ValidationError("Invalid Marker.".to_owned()))
}
