"""How a listing came to an organisation. What no crawl ever looked at was brought by people or a feed."""

from django.db import migrations, models
from django.db.models import Exists, OuterRef


def tell_what_was_brought(apps, schema_editor):
    """Mark the sightings of listings that only captures and feeds know; of the others a watch is believed."""
    crawled = apps.get_model('listings', 'Capture').objects.filter(
        listing=OuterRef('listing'), rung__in=['api', 'http', 'browser']
    )
    apps.get_model('listings', 'Sighting').objects.filter(~Exists(crawled)).update(source='brought')


def forget_the_pool(apps, schema_editor):
    """Take back what was shared: without its source it would pass for what the organisation found itself."""
    apps.get_model('listings', 'Sighting').objects.filter(source='pool').delete()


class Migration(migrations.Migration):

    dependencies = [
        ('listings', '0003_seller_since'),
    ]

    operations = [
        migrations.AddField(
            model_name='sighting',
            name='source',
            field=models.CharField(
                choices=[('watch', 'watch'), ('brought', 'brought'), ('pool', 'pool')], default='watch', max_length=8
            ),
        ),
        migrations.RunPython(tell_what_was_brought, forget_the_pool),
    ]
