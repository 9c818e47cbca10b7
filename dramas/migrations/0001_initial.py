import django.core.validators
import django.db.models.constraints
import django.db.models.deletion
import merchants.foundation.ids
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Season',
            fields=[
                ('id', models.UUIDField(default=merchants.foundation.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('slug', models.SlugField(help_text="Part of the season's link: letters, digits and hyphens.", max_length=60, unique=True, verbose_name='address')),
                ('title', models.CharField(max_length=120, verbose_name='title')),
                ('synopsis', models.TextField(blank=True, max_length=2000, verbose_name='synopsis')),
                ('profile', models.CharField(choices=[('classic', 'Classic'), ('micro', 'Micro'), ('demo', 'Demo'), ('short', 'Short trial')], default='classic', max_length=8, verbose_name='pacing')),
                ('licence_line', models.CharField(blank=True, help_text='Shown with the season: licence number, rights holder, source.', max_length=200, verbose_name='licence line')),
                ('pacing_reason', models.CharField(blank=True, help_text='Needed when an episode is outside the pacing.', max_length=300, verbose_name='reason for other lengths')),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('approved', 'Approved'), ('aired', 'Aired')], default='draft', max_length=8, verbose_name='state')),
                ('submitted_by', models.CharField(blank=True, max_length=200)),
                ('submitted_at', models.DateTimeField(null=True)),
                ('first_aired_at', models.DateTimeField(null=True)),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created')),
                ('updated_at', models.DateTimeField(auto_now=True, verbose_name='changed')),
            ],
            options={
                'verbose_name': 'season',
                'verbose_name_plural': 'seasons',
                'db_table': 'season',
                'ordering': ['-created_at'],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'approved', 'aired'])), name='season_state_known'), models.CheckConstraint(condition=models.Q(('profile__in', ['classic', 'micro', 'demo', 'short'])), name='season_profile_known')],
            },
        ),
        migrations.CreateModel(
            name='Episode',
            fields=[
                ('id', models.UUIDField(default=merchants.foundation.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('number', models.PositiveSmallIntegerField(validators=[django.core.validators.MinValueValidator(1)], verbose_name='number')),
                ('title', models.CharField(max_length=120, verbose_name='title')),
                ('synopsis', models.TextField(blank=True, max_length=1000, verbose_name='synopsis')),
                ('access', models.CharField(choices=[('free', 'Free'), ('paid', 'Paid'), ('product', 'Unlocked by a product')], default='free', max_length=8, verbose_name='access')),
                ('unlock_variant_id', models.UUIDField(blank=True, null=True, verbose_name='unlocked by')),
                ('state', models.CharField(choices=[('empty', 'No video yet'), ('waiting', 'Waiting'), ('transcoding', 'Transcoding'), ('preview', 'Preview'), ('ready', 'Ready'), ('failed', 'Failed')], default='empty', editable=False, max_length=12, verbose_name='state')),
                ('progress_permille', models.PositiveSmallIntegerField(default=0, editable=False)),
                ('step', models.CharField(blank=True, editable=False, max_length=40)),
                ('failure_code', models.CharField(blank=True, editable=False, max_length=60)),
                ('failure_params', models.JSONField(default=dict, editable=False)),
                ('source_sha256', models.CharField(blank=True, editable=False, max_length=64)),
                ('media_version', models.CharField(blank=True, editable=False, max_length=64)),
                ('media_folder', models.CharField(blank=True, editable=False, max_length=200)),
                ('is_media_complete', models.BooleanField(default=False, editable=False)),
                ('is_encrypted', models.BooleanField(default=False, editable=False)),
                ('duration_ms', models.PositiveIntegerField(default=0, editable=False, verbose_name='duration')),
                ('width', models.PositiveSmallIntegerField(default=0, editable=False)),
                ('height', models.PositiveSmallIntegerField(default=0, editable=False)),
                ('frame_rate', models.CharField(blank=True, editable=False, max_length=16)),
                ('renditions', models.JSONField(default=list, editable=False)),
                ('poster', models.CharField(blank=True, editable=False, max_length=80)),
                ('storyboard', models.CharField(blank=True, editable=False, max_length=80)),
                ('updated_at', models.DateTimeField(auto_now=True, verbose_name='changed')),
                ('season', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='episodes', to='dramas.season', verbose_name='season')),
            ],
            options={
                'verbose_name': 'episode',
                'verbose_name_plural': 'episodes',
                'db_table': 'episode',
                'ordering': ['season', 'number'],
            },
        ),
        migrations.CreateModel(
            name='Approval',
            fields=[
                ('id', models.UUIDField(default=merchants.foundation.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('digest', models.CharField(max_length=64)),
                ('approved_by', models.CharField(max_length=200)),
                ('approved_at', models.DateTimeField()),
                ('withdrawn_at', models.DateTimeField(null=True)),
                ('withdrawn_by', models.CharField(blank=True, max_length=200)),
                ('season', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='approvals', to='dramas.season')),
            ],
            options={
                'db_table': 'season_approval',
                'ordering': ['-approved_at'],
            },
        ),
        migrations.CreateModel(
            name='Cue',
            fields=[
                ('id', models.UUIDField(default=merchants.foundation.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(max_length=24, verbose_name='kind')),
                ('at_ms', models.PositiveIntegerField(verbose_name='starts at')),
                ('duration_ms', models.PositiveIntegerField(default=15000, verbose_name='stays for')),
                ('product_id', models.UUIDField(blank=True, null=True, verbose_name='product')),
                ('payload', models.JSONField(blank=True, default=dict)),
                ('episode', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='cues', to='dramas.episode', verbose_name='episode')),
            ],
            options={
                'verbose_name': 'cue',
                'verbose_name_plural': 'cues',
                'db_table': 'cue',
                'ordering': ['episode', 'at_ms', 'id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('duration_ms__gt', 0)), name='cue_has_duration')],
            },
        ),
        migrations.CreateModel(
            name='CaptionTrack',
            fields=[
                ('id', models.UUIDField(default=merchants.foundation.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('language', models.CharField(max_length=12, verbose_name='language')),
                ('label', models.CharField(max_length=40, verbose_name='name')),
                ('text', models.TextField()),
                ('sha256', models.CharField(max_length=64)),
                ('episode', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='captions', to='dramas.episode')),
            ],
            options={
                'db_table': 'caption_track',
                'ordering': ['language'],
                'constraints': [models.UniqueConstraint(fields=('episode', 'language'), name='caption_language_once')],
            },
        ),
        migrations.AddConstraint(
            model_name='episode',
            constraint=models.UniqueConstraint(deferrable=django.db.models.constraints.Deferrable['DEFERRED'], fields=('season', 'number'), name='episode_number_once'),
        ),
        migrations.AddConstraint(
            model_name='episode',
            constraint=models.CheckConstraint(condition=models.Q(('number__gte', 1)), name='episode_number_from_one'),
        ),
        migrations.AddConstraint(
            model_name='episode',
            constraint=models.CheckConstraint(condition=models.Q(('progress_permille__lte', 1000)), name='episode_progress_permille'),
        ),
        migrations.AddConstraint(
            model_name='episode',
            constraint=models.CheckConstraint(condition=models.Q(('access__in', ['free', 'paid', 'product'])), name='episode_access_known'),
        ),
        migrations.AddConstraint(
            model_name='episode',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'ready'), _negated=True), models.Q(('duration_ms__gt', 0), ('is_media_complete', True)), _connector='OR'), name='episode_ready_has_media'),
        ),
        migrations.AddConstraint(
            model_name='approval',
            constraint=models.UniqueConstraint(condition=models.Q(('withdrawn_at', None)), fields=('season',), name='season_one_standing_approval'),
        ),
        migrations.AddConstraint(
            model_name='approval',
            constraint=models.CheckConstraint(condition=models.Q(('withdrawn_at', None), ('withdrawn_at__gte', models.F('approved_at')), _connector='OR'), name='approval_withdrawn_after'),
        ),
    ]
