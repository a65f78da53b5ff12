"""The warning picture as rows: what the warning process of a node answers, relayed as it is."""

from comity.node.feed.picture_form import EndRow, MemberRow, ObjectRow, PartyDelay, PictureRows, PlaceRow

__all__ = ["EndRow", "MemberRow", "ObjectRow", "PartyDelay", "PictureRows", "PlaceRow"]
